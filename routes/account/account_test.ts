import assert from "node:assert/strict";
import { MINUTE_MS } from "../../lib/base/mod.ts";
import { explainSignInError } from "../../lib/explain/mod.ts";
import { MicrosoftError } from "../../lib/microsoft/mod.ts";
import {
  ACCOUNT,
  appPasswordOf,
  cookiesOf,
  PagesFixture,
  pageText,
  PASSWORD,
} from "../(_components)/testing/pages_fixture.ts";

/** The text of the element with this id, entities resolved as far as they occur. */
function textOf(html: string, id: string): string | undefined {
  const text = html.match(new RegExp(`id="${id}"[^>]*>(.*?)</(code|pre)>`, "s"))?.[1];
  return text?.replaceAll(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

Deno.test("pages below /account ask for a sign-in first", async () => {
  const fixture = new PagesFixture();
  const shown = await fixture.get("/account", "session=forged");
  assert.equal(shown.status, 303);
  assert.equal(shown.headers.get("location"), "/?next=%2Faccount");
  const posted = await fixture.post("/account/passwords", { name: "x" }, { cookie: "" });
  assert.equal(posted.status, 303);
  assert.equal(fixture.passwords.length, 0);
});

Deno.test("GET /account shows the settings and the app passwords, but no password", async () => {
  const fixture = new PagesFixture();
  fixture.passwords.push({
    ...appPasswordOf(ACCOUNT.id, "<printer>"),
    lastUsedAtMs: 1_700_000_060_000,
    lastUsedAddress: "192.0.2.7",
  });
  const response = await fixture.get("/account");
  assert.equal(response.headers.get("cache-control"), "no-store");
  const html = await response.text();
  assert.equal(textOf(html, "smtp-username"), ACCOUNT.email);
  assert.equal(textOf(html, "smtp-host"), "smtp.site.example");
  assert.match(html, /587.*STARTTLS.*Other ports.*SSL\/TLS.*465/s);
  assert.match(html, /&lt;printer>.*2023-11-14 22:14 UTC.*192\.0\.2\.7.*2023-11-14 22:13 UTC/s);
  assert.equal(textOf(html, "app-password"), undefined);
});

Deno.test("GET /account shows a port that serves both kinds of encryption once", async () => {
  const fixture = new PagesFixture();
  fixture.smtp.publicStartTlsPorts.push(6587);
  fixture.smtp.publicTlsPorts.push(6587);
  const html = await (await fixture.get("/account")).text();
  assert.equal(html.split('id="smtp-port-6587"').length, 2);
  assert.match(html, /STARTTLS or SSL\/TLS/);
});

Deno.test("GET /account says when Microsoft wants a new sign-in", async () => {
  const fixture = new PagesFixture();
  fixture.account = { ...ACCOUNT, state: "sign-in-required", stateReason: "AADSTS70008" };
  assert.match(
    await (await fixture.get("/account")).text(),
    /sign in with Microsoft again.*AADSTS70008/s,
  );
});

/** Creates an app password. Returns the answer to the form. */
function create(fixture: PagesFixture, fields: Record<string, string> = {}): Promise<Response> {
  return fixture.post("/account/passwords", { name: "printer", ...fields });
}

Deno.test("K4: a new app password is shown after a redirect, uncached, with a command to try it", async () => {
  const fixture = new PagesFixture();
  const created = await create(fixture);
  assert.equal(created.headers.get("location"), "/account/passwords/id-of-printer");
  assert.doesNotMatch([...created.headers].join(), new RegExp(PASSWORD));
  const response = await fixture.follow(created);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const html = await response.text();
  assert.equal(textOf(html, "app-password"), PASSWORD);
  assert.equal(textOf(html, "smtp-username"), ACCOUNT.email);
  assert.match(textOf(html, "all-settings") ?? "", /^Server: smtp\.site\.example\nPort: 587\n/);
  assert.equal(
    textOf(html, "swaks-command"),
    "swaks --server smtp.site.example --port 587 --tls --auth PLAIN --auth-user me@example.com " +
      `--auth-password ${PASSWORD} --from me@example.com --to me@example.com`,
  );
  assert.ok(!(await (await fixture.get("/account")).text()).includes(PASSWORD));
});

Deno.test("K4: a reload shows the same app password, for ten minutes, to the same browser alone", async () => {
  const fixture = new PagesFixture();
  const created = await create(fixture);
  for (let reloads = 0; reloads < 2; reloads++) {
    assert.ok((await (await fixture.follow(created)).text()).includes(PASSWORD));
  }
  assert.equal(fixture.passwords.length, 1);
  const elsewhere = await fixture.getPage("/account/passwords/id-of-printer");
  assert.ok(!elsewhere.includes(PASSWORD));
  assert.match(elsewhere, /shown only after it was created/);
  await fixture.clock.advance(10 * MINUTE_MS);
  assert.ok(!(await (await fixture.follow(created)).text()).includes(PASSWORD));
});

Deno.test("K4: a cookie shows the app password of its own account and no other", async () => {
  const fixture = new PagesFixture();
  const cookie = cookiesOf(await create(fixture));
  fixture.passwords.push(appPasswordOf(ACCOUNT.id, "other"));
  assert.ok(!(await fixture.getPage("/account/passwords/id-of-other", cookie)).includes(PASSWORD));
  fixture.account = { ...ACCOUNT, id: "account-2" };
  assert.equal((await fixture.get("/account/passwords/id-of-printer", cookie)).status, 303);
});

Deno.test("“I have saved it” ends the showing of a new app password, and tells so", async () => {
  const fixture = new PagesFixture();
  await create(fixture);
  const saved = await fixture.post("/account/passwords/id-of-printer/saved");
  assert.ok(saved.headers.getSetCookie().some((one) => one.startsWith("session-password=;")));
  const html = await (await fixture.follow(saved)).text();
  assert.match(html, /class="flash".*“printer” is ready to use/s);
});

Deno.test("a guide chosen with a new app password is shown with it, also without scripts", async () => {
  const fixture = new PagesFixture();
  const html = await pageText(await fixture.follow(await create(fixture, { guide: "msmtp" })));
  assert.match(
    html,
    new RegExp(`<h3>msmtp</h3>.*password       <span class="word">${PASSWORD}<`, "s"),
  );
  const unknown = await fixture.follow(await create(fixture, { guide: "<nothing>" }));
  assert.equal(unknown.status, 200);
});

Deno.test("a flash message is told once", async () => {
  const fixture = new PagesFixture();
  fixture.passwords.push(appPasswordOf(ACCOUNT.id, "a"));
  const renamed = await fixture.post("/account/passwords/id-of-a/rename", { name: "b" });
  const told = await fixture.follow(renamed);
  assert.match(await told.text(), /“a” is now called “b”\./);
  assert.ok(told.headers.getSetCookie().some((one) => /^session-flash=; .*Max-Age=0/.test(one)));
});

Deno.test("POST /account/passwords explains an entry that is not accepted, at the top and beside it", async () => {
  const response = await new PagesFixture().post("/account/passwords", { name: "" });
  assert.equal(response.status, 400);
  const html = await response.text();
  assert.match(html, /role="alert"[^>]* autofocus.*<a href="#app-password-name">Give it a name\./s);
  assert.match(html, /id="app-password-name-error">Give it a name\./);
  assert.match(
    html,
    /<input id="app-password-name"[^>]* aria-invalid="true" aria-describedby="app-password-name-error"/,
  );
});

Deno.test("POST /account/passwords keeps what was entered, to be corrected", async () => {
  const response = await new PagesFixture().post("/account/passwords", {
    name: "",
    "allowed-sender": "<printer>@example.com",
  });
  const html = await response.text();
  assert.match(html, /<details class="more" open>.*value="&lt;printer>@example\.com"/s);
});

const CONFIRMED = { confirm: "yes" };

Deno.test("an app password can be revoked, by its owner", async () => {
  const fixture = new PagesFixture();
  fixture.passwords.push(appPasswordOf(ACCOUNT.id, "a"), appPasswordOf("account-2", "b"));
  const revoked = await fixture.post("/account/passwords/id-of-a/revoke", CONFIRMED);
  assert.equal(revoked.status, 303);
  assert.equal(revoked.headers.get("location"), "/account#passwords");
  assert.equal((await fixture.post("/account/passwords/id-of-b/revoke", CONFIRMED)).status, 404);
  assert.deepEqual(fixture.passwords.map(({ name }) => name), ["b"]);
});

Deno.test("signing out ends the session and clears the cookie", async () => {
  const fixture = new PagesFixture();
  const response = await fixture.post("/account/sign-out");
  assert.equal(response.headers.get("location"), "/");
  assert.ok(response.headers.getSetCookie().includes("session=; Max-Age=0"));
  assert.ok(fixture.sessionEnded);
});

Deno.test("K5: deleting the account takes a confirmation and ends the session", async () => {
  const fixture = new PagesFixture();
  assert.equal((await fixture.post("/account/delete")).status, 400);
  assert.ok(fixture.account);
  const response = await fixture.post("/account/delete", { confirm: "yes" });
  assert.equal(response.status, 303);
  assert.ok(response.headers.getSetCookie().includes("session=; Max-Age=0"));
  assert.equal(fixture.account, undefined);
  assert.ok(fixture.sessionEnded);
});

Deno.test("an app password can be bound to a sender, and renamed", async () => {
  const fixture = new PagesFixture();
  await fixture.post("/account/passwords", { name: "a", "allowed-sender": "a@example.com" });
  assert.equal(fixture.passwords[0]?.allowedSender, "a@example.com");
  assert.match(await fixture.getPage("/account"), /Only for the sender.*a@example\.com/s);
  const renamed = await fixture.post("/account/passwords/id-of-a/rename", { name: "b" });
  assert.equal(renamed.headers.get("location"), "/account#passwords");
  assert.equal(fixture.passwords[0]?.name, "b");
  const refused = await fixture.post("/account/passwords/id-of-a/rename", { name: "" });
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /role="alert".*href="#question-name">Give it a name\./s);
  assert.equal((await fixture.post("/account/passwords/x/rename", { name: "c" })).status, 404);
});

Deno.test("an app password can be made to send always as the mailbox", async () => {
  const fixture = new PagesFixture();
  const created = await fixture.post("/account/passwords", { name: "a", "sender-rule": "always" });
  assert.equal(created.status, 303);
  assert.equal(fixture.passwords[0]?.forcedSender, true);
  assert.match(await fixture.getPage("/account"), /Always sends as the mailbox\./);
});

Deno.test("a choice of senders that contradicts itself is explained and kept", async () => {
  const fixture = new PagesFixture();
  for (
    const [rule, sender] of [["only", ""], ["always", "a@example.com"], ["any", "a@b"]] as const
  ) {
    const entered = { name: "a", "sender-rule": rule, "allowed-sender": sender };
    const response = await fixture.post("/account/passwords", entered);
    assert.equal(response.status, 400);
    const html = await response.text();
    assert.match(html, /-allowed-sender">(?:Enter the sender|An allowed sender goes only)/);
    assert.match(
      html,
      new RegExp(`<details class="more" open>.*<input[^>]*value="${rule}"[^>]*checked`, "s"),
    );
  }
  assert.deepEqual(fixture.passwords, []);
});

Deno.test("a short user name can be set, and is shown", async () => {
  const fixture = new PagesFixture();
  const response = await fixture.post("/account/short-name", { "short-name": "me1" });
  assert.equal(response.headers.get("location"), "/account#settings");
  assert.equal(textOf(await fixture.getPage("/account"), "smtp-short-username"), "me1");
  const taken = await fixture.post("/account/short-name", { "short-name": "taken" });
  assert.equal(taken.status, 400);
  assert.match(await taken.text(), /href="#short-name-short-name">The short name taken is taken\./);
});

Deno.test("signing out everywhere ends all sessions of the account", async () => {
  const fixture = new PagesFixture();
  const response = await fixture.post("/account/sign-out-everywhere");
  assert.deepEqual(fixture.signedOut, [ACCOUNT.id]);
  assert.ok(response.headers.getSetCookie().includes("session=; Max-Age=0"));
});

Deno.test("GET /account shows why the last renewal did not work, and whether mail goes on", async () => {
  const fixture = new PagesFixture();
  const error = new MicrosoftError("temporary", explainSignInError("AADSTS50053"));
  fixture.tokenStatus = { state: "delayed", error };
  const stopped = await fixture.getPage("/account");
  assert.match(stopped, /did not work.*no mail can be sent.*locked for a while.*tries again/s);
  assert.doesNotMatch(stopped, /You need not do anything/);
  fixture.tokenStatus = { ...fixture.tokenStatus, accessTokenExpiresAtMs: 1_767_229_200_000 };
  assert.match(await fixture.getPage("/account"), /Mail goes on as long as the present access/);
});

Deno.test("GET /account shows when the access ends, and warnings about it", async () => {
  const fixture = new PagesFixture();
  fixture.tokenStatus = { state: "ok", accessTokenExpiresAtMs: 1_767_229_200_000 };
  fixture.alerts.push({
    kind: "token-near-end",
    subject: ACCOUNT.id,
    label: ACCOUNT.email,
    accountId: ACCOUNT.id,
    text: "The token ends soon.",
    remedy: "Wait.",
    fixer: "nobody",
    sinceMs: 0,
    lastSeenMs: 0,
    count: 1,
  });
  const html = await fixture.getPage("/account");
  assert.match(
    html,
    /The token ends soon\. <strong>What to do:<\/strong> Wait\..*You need not do anything/s,
  );
  assert.match(html, /2026-01-01 01:00 UTC/);
});

Deno.test("a test mail is told as a page, or as events", async () => {
  const fixture = new PagesFixture();
  fixture.testMailSteps = [{ kind: "server", text: "220 <hi>" }, { kind: "success", text: "Done" }];
  const page = await fixture.post("/account/test-mail", { encryption: "TLS" });
  assert.match(
    await page.text(),
    /<strong>Accepted<.*Done.*https:\/\/outlook\.live\.com\/mail\/.*<details>.*220 &lt;hi>/s,
  );
  const events = await fixture.post("/account/test-mail", {}, { accept: "text/event-stream" });
  assert.equal(events.headers.get("content-type"), "text/event-stream");
  assert.equal(
    await events.text(),
    'data: {"kind":"server","text":"220 <hi>"}\n\ndata: {"kind":"success","text":"Done"}\n\n',
  );
  assert.equal((await fixture.get("/account/test-mail")).status, 303);
});

Deno.test("a test mail has a choice of the port and of the recipient", async () => {
  const fixture = new PagesFixture();
  const html = await fixture.getPage("/account");
  assert.match(html, /name="recipient"[^>]*value="me@example\.com".*587, STARTTLS.*465, SSL\/TLS/s);
  const choice = { recipient: "a@b.example", encryption: "TLS" };
  const page = await (await fixture.post("/account/test-mail", choice)).text();
  assert.deepEqual(fixture.testMailChoices, [choice]);
  assert.match(page, /value="a@b\.example".*<option value="TLS" selected/s);
});

Deno.test("an internal error of a test mail is a step with a reference", async () => {
  const fixture = new PagesFixture();
  fixture.testMailError = new Error("secret detail");
  const html = await (await fixture.post("/account/test-mail")).text();
  assert.doesNotMatch(html, /secret/);
  assert.ok(html.includes(fixture.problems[0]?.reference ?? "missing"));
});

Deno.test("GET /account shows a refusal by the submission server, and offers no sign-in that cannot help", async () => {
  const fixture = new PagesFixture();
  fixture.account = {
    ...ACCOUNT,
    tenantId: "22222222-2222-4222-8222-222222222222",
    state: "refused",
    stateReason: "535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox.",
  };
  const html = await fixture.getPage("/account");
  assert.match(html, /Refused by Microsoft.*ends by itself.*switched off for this mailbox/s);
  assert.match(html, /Set-CASMailbox -Identity me@example\.com/);
  assert.doesNotMatch(html, /Sign in with Microsoft<|That is done/);
  assert.match(html, /Send a test mail/);
});

Deno.test("GET /account has the address for the administrator who has to consent", async () => {
  const fixture = new PagesFixture();
  const tenantId = "22222222-2222-4222-8222-222222222222";
  const state = "sign-in-required";
  fixture.account = { ...ACCOUNT, tenantId, state, stateReason: "AADSTS90094" };
  assert.match(await fixture.getPage("/account"), /https:\/\/login\.example\/adminconsent\?x=1/);
  fixture.account = { ...ACCOUNT, tenantId, state, stateReason: "AADSTS53003" };
  const html = await fixture.getPage("/account");
  assert.doesNotMatch(html, /adminconsent|Please sign in with Microsoft again|microsoft-button/);
});

Deno.test("GET /account shows the sign-in name where it differs from the address", async () => {
  const fixture = new PagesFixture();
  assert.doesNotMatch(await fixture.getPage("/account"), /smtp-sign-in-name/);
  fixture.account = { ...ACCOUNT, signInName: "u4711@example.com" };
  assert.match(await fixture.getPage("/account"), /me@example\.com.*u4711@example\.com/s);
});

Deno.test("K4: set-up files hold a new app password while it is shown, and are kept nowhere", async () => {
  const fixture = new PagesFixture();
  const cookie = cookiesOf(await create(fixture));
  for (const file of ["mail.mobileconfig", "config-v1.1.xml"]) {
    const path = `/account/passwords/id-of-printer/${file}`;
    const response = await fixture.post(path, {}, { cookie });
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.match(response.headers.get("content-disposition") ?? "", /^attachment; /);
    const text = await response.text();
    assert.ok(text.includes(PASSWORD) && text.includes(ACCOUNT.email), text);
    assert.equal((await fixture.get(path, cookie)).status, 405);
    assert.equal((await fixture.post(path)).status, 404, "without the cookie");
  }
});

Deno.test("the rules of an app password can be changed by its owner", async () => {
  const fixture = new PagesFixture();
  fixture.passwords.push({ ...appPasswordOf(ACCOUNT.id, "a"), allowedSender: "old@example.com" });
  const path = "/account/passwords/id-of-a/rules";
  assert.match(await fixture.getPage("/account"), /href="\/account\/passwords\/id-of-a\/rules"/);
  const html = await fixture.getPage(path);
  assert.match(html, /Rules of “a”.*value="only" checked.*value="old@example\.com"/s);
  assert.doesNotMatch(html, /client-addresses/);
  const fields = {
    "sender-rule": "always",
    "allowed-sender": "old@example.com",
    "allowed-recipients": "example.org",
    "daily-limit": "20",
    "client-addresses": "192.168.1.40",
  };
  const done = await fixture.follow(await fixture.post(path, fields));
  assert.match(
    await done.text(),
    /The new rules of “a” apply.*Always sends as the mailbox.*Only to.*example\.org.*At most 20/s,
  );
  assert.equal(fixture.passwords[0]!.clientAddresses, undefined, "only operators choose addresses");
  const wrong = await fixture.post(path, { ...fields, "daily-limit": "many" });
  assert.equal(wrong.status, 400);
  assert.match(await wrong.text(), /href="#rules-daily-limit">.*value="many"/s);
  assert.deepEqual(fixture.auditTrail.map(({ action, subject }) => [action, subject]), [
    ["changed the rules of an app password", `“a” of ${ACCOUNT.email}`],
  ]);
  assert.equal((await fixture.post("/account/passwords/other/rules", fields)).status, 404);
});

Deno.test("the audit trail tells of names, short names and the way out", async () => {
  const fixture = new PagesFixture();
  fixture.passwords.push(appPasswordOf(ACCOUNT.id, "a"));
  await fixture.post("/account/passwords/id-of-a/rename", { name: "b" });
  await fixture.post("/account/short-name", { "short-name": "me" });
  await fixture.post("/account/sign-out");
  fixture.sessionEnded = false;
  await fixture.post("/account/sign-out-everywhere");
  const { email } = ACCOUNT;
  assert.deepEqual(
    fixture.auditTrail.map(({ actor, action, subject }) => `${actor} ${action}: ${subject}`),
    [
      `${email} signed out all browsers of an account: ${email}`,
      `${email} signed out: ${email}`,
      `${email} set a short user name: ${email}`,
      `${email} renamed an app password: “a” of ${email}`,
    ],
  );
});
