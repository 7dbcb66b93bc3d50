import assert from "node:assert/strict";
import { PagesFixture } from "../(_components)/testing/pages_fixture.ts";

const ADMIN = "session-admin=good";

Deno.test("a one-time link opens the administration after a question, and works once", async () => {
  const fixture = new PagesFixture();
  const page = await fixture.getPage("/setup?token=good-token", "");
  assert.match(page, /action="\/setup".*Open the administration/s);
  assert.equal(fixture.linkToken, "good-token", "looking at it does not use it up");
  const opened = await fixture.post("/setup", { token: "good-token" }, { cookie: "" });
  assert.equal(opened.headers.get("location"), "/admin/organisation");
  assert.match(opened.headers.getSetCookie()[0]!, /^session-admin=good/);
  assert.deepEqual(fixture.auditTrail.map(({ actor, action }) => [actor, action]), [
    ["a one-time link", "opened a session"],
  ]);
  for (const token of ["good-token", "wrong", ""]) {
    assert.equal((await fixture.get(`/setup?token=${token}`, "")).status, 410);
    const again = await fixture.post("/setup", { token }, { cookie: "" });
    assert.equal(again.status, 410);
    assert.match(await again.text(), /admin link/);
  }
});

Deno.test("a one-time link opens the administration, and no account", async () => {
  const fixture = new PagesFixture();
  for (const path of ["/admin", "/admin/accounts", "/admin/audit"]) {
    assert.match(await fixture.getPage(path, ADMIN), /action="\/setup\/end"/, path);
    assert.equal((await fixture.get(path, "")).status, 303);
  }
  for (const path of ["/account", "/activity"]) {
    const { status, headers } = await fixture.get(path, ADMIN);
    assert.deepEqual([status, headers.get("location")?.slice(0, 7)], [303, "/?next="]);
  }
  const ended = await fixture.post("/setup/end", {}, { cookie: ADMIN });
  assert.equal(ended.headers.get("location"), "/");
  assert(ended.headers.getSetCookie().some((cookie) => /^session-admin=; Max-Age=0/.test(cookie)));
});

Deno.test("the audit trail says who did what, newest first, and is searched", async () => {
  const fixture = new PagesFixture();
  const { audit } = fixture.services;
  for (let number = 1; number <= 60; number++) {
    await audit.record("nora@contoso.example", "created an app password", `“scanner ${number}”`);
  }
  const html = await fixture.getPage("/admin/audit", ADMIN);
  assert.match(html, /nora@contoso\.example.*created an app password.*“scanner 60”.*“scanner 11”/s);
  assert.doesNotMatch(html, /scanner 10”/);
  const [, older = ""] = /href="(\/admin\/audit\?before=11)"[^>]*>Older/.exec(html) ?? [];
  assert.match(await fixture.getPage(older, ADMIN), /“scanner 10”.*“scanner 1”/s);
  const found = await fixture.getPage("/admin/audit?search=scanner+42", ADMIN);
  assert.match(found, /scanner 42/);
  assert.doesNotMatch(found, /scanner 41/);
  assert.match(await fixture.getPage("/admin/audit?search=x", ADMIN), /Nothing matches/);
});
