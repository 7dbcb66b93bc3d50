import assert from "node:assert/strict";
import { missingRegistration } from "../../../lib/microsoft/mod.ts";
import { ACCOUNT, appPasswordOf, PagesFixture } from "../../(_components)/testing/pages_fixture.ts";

const ADMIN = { cookie: "session-admin=good" };
const MAILBOX = {
  ...ACCOUNT,
  id: "box",
  appOnly: true,
  email: "scans@contoso.example",
  displayName: "Scanners",
};
const REGISTRATION = {
  clientId: "client-1",
  tenant: "contoso.example",
  authentication: "secret",
  sendsForMailboxes: true,
} as const;

function withMailbox(): PagesFixture {
  const fixture = new PagesFixture();
  fixture.registrations.push(REGISTRATION);
  fixture.otherAccounts.push(MAILBOX);
  return fixture;
}

function getPage(fixture: PagesFixture, path: string): Promise<string> {
  return fixture.getPage(path, ADMIN.cookie);
}

Deno.test("the organisation pages are for operators alone", async () => {
  const fixture = withMailbox();
  for (
    const path of ["/admin/organisation", "/admin/organisation/box", "/admin/organisation/setup"]
  ) {
    assert.equal((await fixture.get(path)).status, 403, path);
    assert.equal((await fixture.get(path, "")).status, 303, path);
  }
  for (const path of ["/admin/organisation", "/admin/organisation/box/devices"]) {
    assert.equal((await fixture.post(path, { devices: "NAS", mailboxes: "a@b" })).status, 403);
  }
  assert.equal(fixture.passwords.length, 0);
});

Deno.test("GET /admin/organisation lists mailboxes alone, with devices and last use", async () => {
  const fixture = withMailbox();
  const used = { ...appPasswordOf("box", "NAS"), lastUsedAtMs: 1_767_225_000_000 };
  fixture.passwords.push(used, appPasswordOf("box", "Scanner"));
  const html = await getPage(fixture, "/admin/organisation");
  assert.match(html, /scans@contoso\.example.*Scanners.*active.*<td data-label="Devices">2<\/td>/s);
  assert.doesNotMatch(html, /me@example\.com/);
  const none = await getPage(new PagesFixture(), "/admin/organisation");
  assert.match(none, /No app registration can send for mailboxes yet.*There are none yet/s);
});

Deno.test("GET /admin/organisation searches, sorts and pages many mailboxes", async () => {
  const fixture = withMailbox();
  for (let count = 0; count < 119; count++) {
    const state = count === 7 ? "refused" as const : "active" as const;
    fixture.otherAccounts.push({
      ...MAILBOX,
      id: `n-${count}`,
      email: `n${count}@x.example`,
      state,
    });
  }
  const html = await getPage(fixture, "/admin/organisation");
  assert.match(
    html,
    /120 mailboxes, 1 to 50 on this page.*Page 1 of 3.*\?page=2">Next.*\?page=3">Last/s,
  );
  assert.match(
    await getPage(fixture, "/admin/organisation?page=9&order=state"),
    /120 mailboxes, 101 to 120 .*\?order=state">First.*\?order=state&amp;page=2">Previous.*Page 3 of 3/s,
  );
  const refused = await getPage(fixture, "/admin/organisation?state=refused");
  assert.match(refused, /1 mailbox<.*n7@x\.example/s);
  assert.doesNotMatch(refused, /aria-label="Pages"/);
  assert.match(await getPage(fixture, "/admin/organisation?search=nobody"), /Nothing matches/);
});

Deno.test("the pages of a mailbox say why its app registration has no access, though its state is active", async () => {
  const fixture = withMailbox();
  const error = missingRegistration("client-1");
  fixture.tokenStatus = { state: "delayed", error };
  for (const path of ["/admin/organisation/box", "/admin/accounts/box"]) {
    assert.match(
      await getPage(fixture, path),
      /is not configured any more.*into APP_SECRETS/s,
      path,
    );
  }
});

Deno.test("POST /admin/organisation adds mailboxes of a list, or says what is wrong with it", async () => {
  const fixture = new PagesFixture();
  fixture.registrations.push(REGISTRATION);
  const mailboxes = "Address;Name\nfax@contoso.example;Fax\nnas@contoso.example;\n";
  const added = await fixture.post("/admin/organisation", { mailboxes }, ADMIN);
  assert.equal(added.headers.get("location"), "/admin/organisation");
  assert.deepEqual(
    fixture.auditTrail.map(({ actor, action, subject }) => [actor, action, subject]),
    [
      ["a one-time link", "added a mailbox", "nas@contoso.example"],
      ["a one-time link", "added a mailbox", "fax@contoso.example"],
    ],
  );
  const wrong = await fixture.post("/admin/organisation", { mailboxes: "a@b.example\nfax" }, ADMIN);
  assert.equal(wrong.status, 400);
  assert.match(
    await wrong.text(),
    /href="#mailbox-mailboxes">There is no address in line 2.*<textarea[^>]*>a@b\.example\nfax</s,
  );
});

Deno.test("POST /admin/organisation/:id tells what is missing, with the lines to paste", async () => {
  const fixture = withMailbox();
  fixture.proof = {
    verdict: "bad",
    sent: false,
    explanation: {
      title: "SMTP AUTH is off",
      code: "535 5.7.139",
      cause: "It is switched off.",
      fixer: "tenant-admin",
      remedy: "Switch it on.",
    },
    commands: { shell: "Exchange Online PowerShell", lines: ["Connect-ExchangeOnline", "Set-X"] },
  };
  const html = await (await fixture.post("/admin/organisation/box", {}, ADMIN)).text();
  assert.match(
    html,
    /It cannot send yet.*SMTP AUTH is off.*Switch it on.*Connect-ExchangeOnline<\/span>\n.*Set-X/s,
  );
  const person = await fixture.get(`/admin/organisation/${ACCOUNT.id}`, ADMIN.cookie);
  assert.equal(person.status, 404, "people who sign in are no mailboxes");
});

Deno.test("POST /admin/organisation/:id/devices shows a sheet for each device, once", async () => {
  const fixture = withMailbox();
  const fields = { devices: "NAS\nScanner 1", "sender-rule": "always" };
  const made = await fixture.post("/admin/organisation/box/devices", fields, ADMIN);
  assert.equal(made.headers.get("cache-control"), "no-store");
  const html = await made.text();
  assert.match(
    html,
    /2 new devices.*NAS.*smtp\.site\.example.*587.*STARTTLS.*scans@.*<svg.*Scanner 1/s,
  );
  assert.equal(fixture.passwords.length, 2);
  const again = await fixture.post("/admin/organisation/box/devices", fields, ADMIN);
  assert.equal(again.status, 400);
  assert.match(
    await again.text(),
    /href="#devices-devices">Two devices have the name “NAS”/,
  );
  assert.equal(fixture.passwords.length, 2);
  assert.equal((await fixture.get("/admin/organisation/box/devices", ADMIN.cookie)).status, 303);
});

Deno.test("GET /invite explains the way to people who sign in themselves", async () => {
  const html = await new PagesFixture().getPage("/invite", "");
  assert.match(html, /href="\/auth\?next=%2Faccount"/);
});

Deno.test("an operator changes the rules of a device", async () => {
  const fixture = withMailbox();
  fixture.passwords.push({ ...appPasswordOf("box", "NAS"), dailyLimit: 5 });
  const path = "/admin/accounts/box/passwords/id-of-NAS/rules";
  assert.match(await getPage(fixture, "/admin/organisation/box"), new RegExp(`href="${path}"`));
  const html = await getPage(fixture, path);
  assert.match(
    html,
    /Rules of “NAS”.*value="any" checked.*value="5".*Addresses that need no login/s,
  );
  const fields = { "sender-rule": "any", "allowed-recipients": "", "daily-limit": "" };
  const done = await fixture.post(path, fields, ADMIN);
  assert.equal(done.headers.get("location"), "/admin/organisation/box");
  assert.equal(fixture.passwords[0]!.dailyLimit, undefined);
  const wrong = await fixture.post(path, { ...fields, "client-addresses": "192.168.1.4" }, ADMIN);
  assert.equal(wrong.status, 400);
  assert.match(await wrong.text(), /SMTP_LOGIN_BY_ADDRESS names no networks/);
  assert.equal((await fixture.post(path, fields)).status, 403);
  assert.deepEqual(fixture.auditTrail.map(({ actor, action }) => [actor, action]), [
    ["a one-time link", "changed the rules of an app password"],
  ]);
});

Deno.test("an operator makes an invitation, whose link is shown once, and revokes it", async () => {
  const fixture = withMailbox();
  const path = "/admin/organisation/invitations";
  const fields = { "invitation-name": "Anna", "invitation-days": "7", "invitation-uses": "1" };
  assert.equal((await fixture.post(path, fields)).status, 403);
  const made = await fixture.post(path, fields, ADMIN);
  assert.equal(made.headers.get("cache-control"), "no-store");
  assert.match(await made.text(), /http:\/\/site\.example\/invite\?token=token-of-Anna/);
  const again = await fixture.post(path, fields, ADMIN);
  assert.equal(again.status, 400);
  assert.match(await again.text(), /href="#invitation-invitation-name">There is one already/);
  const html = await getPage(fixture, "/admin/organisation");
  assert.match(html, /Anna.*for one more person.*Revoke/s);
  assert.doesNotMatch(html, /token-of-Anna/);

  assert.match(
    await fixture.getPage("/invite?token=token-of-Anna", ""),
    /href="\/auth\?next=%2Faccount&amp;invitation=token-of-Anna"/,
  );
  const revoke = `${path}/id-of-Anna/revoke`;
  assert.match(await getPage(fixture, revoke), /Its link admits nobody any more/);
  await fixture.post(revoke, { confirm: "yes" }, ADMIN);
  assert.equal((await fixture.get("/invite?token=token-of-Anna", "")).status, 410);
  assert.equal((await fixture.post(revoke, { confirm: "yes" }, ADMIN)).status, 404);
  assert.deepEqual(fixture.auditTrail.map(({ action, subject }) => [action, subject]), [
    ["revoked an invitation", "“Anna”"],
    ["made an invitation", "“Anna”"],
  ]);
});

Deno.test("POST /admin/organisation/:id sends a message as well, if that is wanted", async () => {
  const fixture = withMailbox();
  const check = async (fields: Record<string, string>) => {
    const response = await fixture.post("/admin/organisation/box", fields, ADMIN);
    return [response.status, await response.text()] as const;
  };
  assert.match((await check({ recipient: "wrong" }))[1], /No message was sent/);
  assert.match((await check({ send: "yes", recipient: "" }))[1], /also accepted a message/);
  const [status, html] = await check({ send: "yes", recipient: "wrong" });
  assert.equal(status, 400);
  assert.match(html, /href="#proof-recipient">Not here\./);
});

Deno.test("POST /admin/organisation/check proves all mailboxes", async () => {
  const fixture = withMailbox();
  fixture.otherAccounts.push({ ...MAILBOX, id: "fax", email: "fax@contoso.example" });
  assert.match(
    await getPage(fixture, "/admin/organisation"),
    /action="\/admin\/organisation\/check"/,
  );
  const path = "/admin/organisation/check";
  assert.match(
    await (await fixture.post(path, {}, ADMIN)).text(),
    /lets all of 2 sign in.*scans@contoso\.example.*fax@contoso\.example/s,
  );
  assert.match(
    await (await fixture.post(path, { send: "yes" }, ADMIN)).text(),
    /All of 2 can send/,
  );
  fixture.proof = {
    verdict: "bad",
    sent: false,
    explanation: {
      title: "SMTP AUTH is off",
      code: "535 5.7.139",
      cause: "It is switched off.",
      fixer: "tenant-admin",
      remedy: "Switch it on.",
    },
    commands: { shell: "Exchange Online PowerShell", lines: ["Set-CASMailbox"] },
  };
  const html = await (await fixture.post(path, {}, ADMIN)).text();
  assert.equal(html.split("Switch it on.").length, 2, "the remedy of both stands there once");
  assert.match(
    html,
    /0 of 2 can send.*2 mailboxes cannot send yet.*scans@contoso\.example.*fax@contoso.*Set-CASMailbox/s,
  );
  assert.equal((await fixture.post(path)).status, 403);
  assert.equal((await fixture.get(path, ADMIN.cookie)).status, 303);
});
