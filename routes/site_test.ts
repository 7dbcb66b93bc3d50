import assert from "node:assert/strict";
import { StoreError } from "../lib/store/store.ts";
import {
  ACCOUNT,
  appPasswordOf,
  ORIGIN,
  PagesFixture,
} from "./(_components)/testing/pages_fixture.ts";

Deno.test("GET / offers the sign-in, and the account to who is signed in", async () => {
  const fixture = new PagesFixture();
  assert.match(await (await fixture.get("/", "")).text(), /href="\/auth\?next=%2Faccount"/);
  assert.match(await (await fixture.get("/")).text(), /href="\/account">Go to your account/);
});

Deno.test("W8: GET / passes on only a next within the site", async () => {
  const html = await (await new PagesFixture().get("/?next=//evil.example", "")).text();
  assert.match(html, /href="\/auth\?next=%2Faccount"/);
  assert.doesNotMatch(html, /evil/);
});

Deno.test("W6: what changes something needs POST, from our own page", async () => {
  const paths = [
    "/account/passwords/id-of-x/saved",
    "/account/sign-out",
    "/account/sign-out-everywhere",
  ];
  const asking = [
    "/account/passwords/id-of-x/revoke",
    "/account/passwords/id-of-x/rename",
    "/account/delete",
  ];
  const showing = ["/account/passwords", "/account/short-name", "/account/test-mail"];
  const fixture = new PagesFixture();
  fixture.passwords.push(appPasswordOf(ACCOUNT.id, "x"));
  for (const path of asking) {
    assert.match(await fixture.getPage(path), new RegExp(`method="post" action="${path}".*Cancel`));
  }
  for (const path of showing) assert.equal((await fixture.get(path)).status, 303, path);
  for (const path of paths) {
    const shown = await fixture.get(path);
    assert.equal(shown.status, 405, path);
    assert.equal(shown.headers.get("allow"), "POST");
  }
  for (const path of [...showing, ...asking, ...paths]) {
    for (const origin of ["https://evil.example", "null"]) {
      const fields = { name: "x", confirm: "yes" };
      assert.equal((await fixture.post(path, fields, { origin })).status, 403, path);
    }
  }
  assert.ok(fixture.account && !fixture.sessionEnded && fixture.passwords[0]?.name === "x");
});

Deno.test("405 tells the methods of an address, and of a file", async () => {
  const fixture = new PagesFixture();
  const allowed = async (method: string, path: string) => {
    const headers = { "sec-fetch-site": "same-origin" };
    const response = await fixture.handle(new Request(ORIGIN + path, { method, headers }));
    assert.equal(response.status, 405, path);
    return response.headers.get("allow");
  };
  assert.equal(await allowed("PUT", "/"), "GET, HEAD");
  assert.equal(await allowed("DELETE", "/setup"), "GET, HEAD, POST");
  assert.equal(await allowed("POST", "/styles/base.css"), "GET, HEAD");
});

Deno.test("an address that cannot be decoded is refused", async () => {
  const response = await new PagesFixture().get("/guides/%ff");
  assert.equal(response.status, 400);
  assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
});

Deno.test("W7: every response has the security headers", async () => {
  const fixture = new PagesFixture();
  const broken = new PagesFixture();
  broken.storeError = new Error("bug");
  const responses: [number, Promise<Response>][] = [
    [200, fixture.get("/")],
    [302, fixture.get("/auth")],
    [303, fixture.get("/account", "")],
    [403, fixture.post("/account/passwords", {}, { origin: "https://evil.example" })],
    [404, fixture.get("/unknown")],
    [405, fixture.get("/account/sign-out")],
    [413, fixture.post("/account/passwords", { name: "x".repeat(20_000) })],
    [500, broken.get("/")],
  ];
  for (const [status, pending] of responses) {
    const { status: actual, headers } = await pending;
    assert.equal(actual, status);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.doesNotMatch(headers.get("content-security-policy") ?? "", /unsafe/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "same-origin");
    assert.equal(headers.get("cache-control"), "no-store");
  }
});

Deno.test("an internal error shows a reference only, and the cause goes to the log", async () => {
  const fixture = new PagesFixture();
  fixture.storeError = new Error("secret detail");
  const response = await fixture.get("/account?code=secret");
  assert.equal(response.status, 500);
  const html = await response.text();
  assert.doesNotMatch(html, /secret/);
  const [problem] = fixture.problems;
  assert.equal(problem?.error, fixture.storeError);
  assert.equal(problem?.path, "/account");
  assert.ok(html.includes(problem?.reference ?? "missing"));
});

Deno.test("D1: a database in trouble is a temporary error", async () => {
  const fixture = new PagesFixture();
  fixture.storeError = new StoreError("locked", "the database is locked");
  assert.equal((await fixture.get("/account")).status, 503);
});

Deno.test("pages hold no inline style, and no script but what the policy admits", async () => {
  const fixture = new PagesFixture();
  const pages = ["/", "/account", "/unknown"].map((path) => fixture.get(path));
  const created = fixture.follow(await fixture.post("/account/passwords", { name: "x" }));
  for (const response of [...pages, created]) {
    const { headers } = await response;
    const text = await (await response).text();
    assert.doesNotMatch(text, /<style|\sstyle=|\son\w+=/);
    for (const [tag] of text.matchAll(/<script(?![^>]*(src=|application\/json))[^>]*>/g)) {
      // Fresh itself writes one, and lib/fresh none.
      const nonce = /\snonce="(\w{32})"/.exec(tag)?.[1];
      assert.ok(headers.get("content-security-policy")?.includes(`'nonce-${nonce}'`), tag);
    }
  }
});

Deno.test("behind a proxy with a path prefix every address carries the prefix", async () => {
  const fixture = new PagesFixture("https://mail.example/smtp");
  const response = await fixture.get("/account");
  assert.match(response.headers.get("strict-transport-security") ?? "", /^max-age=\d+$/);
  const html = await response.text();
  const addresses = [...html.matchAll(/\s(?:href|src|action)="([^"#]+)"/g)].map(([, path]) => path);
  assert.ok(addresses.length > 5);
  for (const address of addresses) assert.match(address ?? "", /^\/smtp\//);
  await fixture.get("/auth");
  assert.equal(fixture.begun[0]?.redirectUri, "https://mail.example/smtp/auth");
  assert.equal(fixture.begun[0]?.returnTo, "/smtp/account");
  const fromOutside = { origin: "https://mail.example" };
  assert.equal((await fixture.post("/account/passwords", { name: "x" }, fromOutside)).status, 303);
  const fromInside = { origin: ORIGIN };
  assert.equal((await fixture.post("/account/passwords", { name: "x" }, fromInside)).status, 403);
});

Deno.test("who comes with a session that is no more is told that it has expired", async () => {
  const fixture = new PagesFixture();
  const stale = "other=1; __Host-session=old";
  assert.match(await fixture.getPage("/?next=/account", stale), /Your session has expired/);
  const visitor = await fixture.getPage("/?next=/account", "other=1");
  assert.match(visitor, /Please sign in to see that page/);
  assert.doesNotMatch(visitor, /has expired/);
});

Deno.test("GET / says when something is wrong with the whole service", async () => {
  const fixture = new PagesFixture();
  assert.match(await fixture.getPage("/"), /smtp\.site\.example.*is up/s);
  const alert = { subject: "x", label: "x", text: "secret detail", remedy: "", sinceMs: 0 };
  fixture.alerts.push({
    ...alert,
    ...{ kind: "store-failing", fixer: "operator", lastSeenMs: 0, count: 1 },
  });
  const html = await fixture.getPage("/");
  assert.match(html, /There is trouble at the moment/);
  assert.doesNotMatch(html, /secret/);
});

Deno.test("behind a trusted proxy with X-Forwarded-Path redirects and streams carry the prefix", async () => {
  const fixture = new PagesFixture(undefined, ["127.0.0.0/8"]);
  const headers = { "x-forwarded-path": "/smtp", "x-forwarded-host": "mail.example" };
  const sent = await fixture.get("/activity", "", headers);
  assert.equal(sent.headers.get("location"), "/smtp/?next=%2Factivity");
  const html = await (await fixture.get("/activity", "session=good", headers)).text();
  assert.match(html, /"\/smtp\/activity\/events\?after=0\\?"/);
  const foreign = await new PagesFixture().get("/activity", "", headers);
  assert.equal(foreign.headers.get("location"), "/?next=%2Factivity");
});

Deno.test("a path prefix belongs to its request alone", async () => {
  const fixture = new PagesFixture(undefined, ["127.0.0.0/8"]);
  const prefixes = [
    "/a",
    "",
    "/b/c",
    "/a",
    ...Array.from({ length: 20 }, (_, index) => `/p${index}`),
  ];
  await Promise.all(prefixes.map(async (prefix) => {
    const headers: HeadersInit = prefix ? { "x-forwarded-path": prefix } : {};
    const html = await (await fixture.get("/account", "session=good", headers)).text();
    assert.ok(html.includes(`action="${prefix}/account/sign-out"`), prefix);
    const [, script = ""] = /(?:type="module" src=|\bfrom )"([^"]*)"/.exec(html) ?? [];
    const style = /rel="stylesheet" href="([^"]*)"/.exec(html)?.[1] ?? "";
    for (const address of [script, style]) {
      assert.ok(address.startsWith(`${prefix}/`), address);
      const file = await fixture.get(address.slice(prefix.length), "", headers);
      assert.equal(file.status, 200, address);
      assert.match(file.headers.get("cache-control") ?? "", /immutable/);
    }
  }));
});

Deno.test("an error behind a path prefix is logged with the path that the program knows", async () => {
  const fixture = new PagesFixture("https://mail.example/smtp");
  fixture.storeError = new Error("bug");
  assert.equal((await fixture.get("/account")).status, 500);
  assert.equal(fixture.problems[0]?.path, "/account");
});

Deno.test("W7: a proxy's headers that make no address are refused, with all security headers", async () => {
  const fixture = new PagesFixture(undefined, ["127.0.0.0/8"]);
  const response = await fixture.get("/", "", { "x-forwarded-host": "evil.example/<x>" });
  assert.equal(response.status, 400);
  assert.match(await response.text(), /X-Forwarded-host is not valid/);
  assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  assert.equal(response.headers.get("cache-control"), "no-store");
});

Deno.test("links tell where the reader is", async () => {
  const fixture = new PagesFixture("https://mail.example/smtp");
  const html = await fixture.getPage("/guides/printer");
  assert.match(html, /<a href="\/smtp\/guides" data-ancestor="true" aria-current="true"><svg/);
  const list = await fixture.getPage("/guides");
  assert.match(list, /<a href="\/smtp\/guides" data-current="true" aria-current="page"><svg/);
});

/** Every file below a folder of `routes/` that has an address, as that address. */
async function addressesBelow(folder: string): Promise<string[]> {
  const addresses: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`routes/${folder}`)) {
    if (/^[(_]|_test\.tsx?$/.test(name)) continue;
    if (isDirectory) addresses.push(...await addressesBelow(`${folder}/${name}`));
    else addresses.push(`/${folder}/${name}`.replace(/(\/index)?\.tsx?$/, ""));
  }
  return addresses.map((address) => address.replaceAll(/[[\]]/g, ""));
}

Deno.test("nothing below a private folder answers who is not signed in, or is no operator", async () => {
  const fixture = new PagesFixture();
  let count = 0;
  for (const folder of ["account", "activity", "admin", "guides/apple-mail"]) {
    for (const address of await addressesBelow(folder)) {
      const asVisitor = [
        await fixture.get(address, ""),
        await fixture.post(address, { confirm: "yes" }, { cookie: "" }),
      ].filter(({ status }) => status !== 405);
      assert.ok(asVisitor.length > 0, address);
      for (const { status } of asVisitor) assert.equal(status, 303, address);
      const signedIn = await fixture.get(address);
      if (folder === "admin") assert.ok([403, 405].includes(signedIn.status), address);
      count++;
    }
  }
  assert.ok(count >= 18, `only ${count} addresses were found`);
});

Deno.test("pages that say to ask the operator say how, where that is set", async () => {
  const contact = { text: "help@site.example", href: "mailto:help@site.example" };
  const fixture = new PagesFixture(undefined, [], { contact });
  const link = /The operator: <a href="mailto:help@site\.example">help@site\.example<\/a>/;
  const stateReason = "AADSTS7000222 (invalid_client): The client secret has expired.";
  fixture.account = { ...ACCOUNT, state: "sign-in-required", stateReason };
  assert.match(await fixture.getPage("/account"), link);
  fixture.smtp.publicStartTlsPorts.length = fixture.smtp.publicTlsPorts.length = 0;
  assert.match(await fixture.getPage("/guides/gmail"), link);
  fixture.storeError = new Error("bug");
  assert.match(await (await fixture.get("/account")).text(), link);
  assert.match(await new PagesFixture().getPage("/"), /not a product of Microsoft\.<\/p>/);
  assert.match(await fixture.getPage("/", ""), /Operator of this server: <a href="mailto:/);
});

Deno.test("a page's title begins with the page, and says when something was not accepted", async () => {
  const fixture = new PagesFixture();
  assert.match(
    await fixture.getPage("/guides/gmail"),
    /<title>Gmail: Send mail as – Set-up guides – SMTP OAuth2 Proxy</,
  );
  const refused = await fixture.post("/account/passwords", { name: "" });
  assert.match(await refused.text(), /<title>Error – Your account – SMTP OAuth2 Proxy</);
  const html = await fixture.getPage("/");
  for (const path of ["/favicon.ico", "/apple-touch-icon.png"]) {
    assert.ok(html.includes(`href="${path}?`), path);
    assert.match((await fixture.get(path)).headers.get("content-type") ?? "", /^image\//);
  }
});
