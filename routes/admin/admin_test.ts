import assert from "node:assert/strict";
import type { AccountRecord } from "../../lib/store/store.ts";
import {
  ACCOUNT,
  appPasswordOf,
  deliveryOf,
  NOW_MS,
  PagesFixture,
} from "../(_components)/testing/pages_fixture.ts";

const OTHER: AccountRecord = {
  ...ACCOUNT,
  id: "account-2",
  email: "other@example.com",
  displayName: "<Other>",
  state: "sign-in-required",
  stateReason: "AADSTS70008",
};

/** A fixture in which the signed-in account is an operator's. */
function adminFixture(): PagesFixture {
  const fixture = new PagesFixture();
  fixture.adminEmails.push(ACCOUNT.email);
  fixture.otherAccounts.push(OTHER);
  return fixture;
}

/** An app registration whose secret has an end that is not known. */
const SECRET = {
  clientId: "client-1",
  tenant: "common",
  authentication: "secret",
  sendsForMailboxes: false,
  isEndEntered: false,
} as const;

const PATHS = [
  "/admin",
  "/admin/accounts",
  "/admin/accounts/account-2",
  "/admin/configuration",
  "/admin/checks",
  "/admin/replicas",
  "/admin/registrations/client-1/secret-end",
];
const ACTIONS = ["passwords/id-of-a/revoke", "sign-out", "delete"]
  .map((action) => `/admin/accounts/account-2/${action}`);

Deno.test("admin pages and actions are for operators alone", async () => {
  const fixture = new PagesFixture();
  fixture.otherAccounts.push(OTHER);
  for (const path of PATHS) {
    assert.equal((await fixture.get(path)).status, 403, path);
    assert.equal((await fixture.get(path, "")).status, 303, path);
  }
  for (const path of ACTIONS) {
    assert.equal((await fixture.post(path, { confirm: "yes" })).status, 403, path);
  }
  assert.equal(fixture.otherAccounts.length, 1);
  assert.doesNotMatch(await fixture.getPage("/account"), /href="\/admin"/);
  assert.match(await adminFixture().getPage("/account"), /href="\/admin"/);
});

Deno.test("W3: an unverified e-mail address makes no operator", async () => {
  const fixture = adminFixture();
  fixture.account = { ...ACCOUNT, emailVerified: false };
  assert.equal((await fixture.get("/admin")).status, 403);
});

Deno.test("GET /admin shows charts with their numbers, app registrations and warnings", async () => {
  const fixture = adminFixture();
  fixture.deliveries.push(
    deliveryOf(2, { atMs: NOW_MS - 1000 }),
    deliveryOf(1, { atMs: NOW_MS - 1000, outcome: "refused" }),
  );
  fixture.alerts.push({
    kind: "registration-refused",
    subject: "client-2",
    label: "client-2",
    text: "The client secret has expired.",
    remedy: "Create a new one.",
    fixer: "operator",
    sinceMs: NOW_MS,
    lastSeenMs: NOW_MS,
    count: 3,
  });
  fixture.knownRegistrations.push(
    { ...SECRET, endsAtMs: Date.UTC(2027, 1, 3), isEndEntered: false },
    { ...SECRET, clientId: "client-2", isEndEntered: false },
  );
  const html = await fixture.getPage("/admin");
  assert.match(
    html,
    /client-1.*2027-02-03.*from APP_SECRET_EXPIRES.*client-2.*expiry date unknown.*Enter expiry date/s,
  );
  assert.match(html, /Last 24 hours \(UTC\).*23:00: 1 accepted, 1 not accepted/s);
  assert.match(html, /<table>.*23:00.*<td>1<\/td><td>1<\/td>/s);
  assert.match(html, /client-1.*no problem.*client-2.*refused.*has expired/s);
  assert.match(html, /seen 3 times/);
  assert.match(html, /1\.2\.3/);
});

Deno.test("GET /admin/accounts searches and filters", async () => {
  const fixture = adminFixture();
  const html = await fixture.getPage("/admin/accounts");
  assert.match(html, /2 accounts.*me@example\.com.*other@example\.com.*&lt;Other>.*AADSTS70008/s);
  const searched = await fixture.getPage("/admin/accounts?search=other");
  assert.match(searched, /1 account<.*href="\/admin\/accounts\/account-2"/s);
  assert.doesNotMatch(searched, /accounts\/account-1"/);
  assert.match(await fixture.getPage("/admin/accounts?state=active"), /1 account</);
});

Deno.test("GET /admin/accounts pages", async () => {
  const fixture = adminFixture();
  for (let count = 0; count < 60; count++) {
    fixture.otherAccounts.push({ ...OTHER, id: `n-${count}` });
  }
  assert.match(await fixture.getPage("/admin/accounts"), /href="\/admin\/accounts\?page=2">Next/);
  const last = await fixture.getPage("/admin/accounts?page=2");
  assert.match(last, /href="\/admin\/accounts">Previous.*Page 2 of 2/s);
  assert.doesNotMatch(last, />Next</);
  for (const page of ["0", "-1", "1.5", "x", "1e9"]) {
    const html = await fixture.getPage(`/admin/accounts?page=${page}`);
    assert.match(html, page === "1e9" ? /Page 2 of 2/ : /Page 1 of 2/, page);
  }
});

Deno.test("GET /admin/accounts/:id explains an account's state", async () => {
  const fixture = adminFixture();
  const html = await fixture.getPage("/admin/accounts/account-2");
  assert.match(html, /<h1>other@example\.com<\/h1>.*AADSTS70008/s);
  const stateReason = "535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox.";
  fixture.otherAccounts.push({ ...OTHER, id: "account-3", state: "refused", stateReason });
  const refused = await fixture.getPage("/admin/accounts/account-3");
  assert.match(refused, /refused by the submission server \(535 5\.7\.139\).*SMTP/s);
  assert.equal((await fixture.get("/admin/accounts/unknown")).status, 404);
});

Deno.test("an operator revokes, signs out and deletes, after a confirmation", async () => {
  const fixture = adminFixture();
  fixture.passwords.push(appPasswordOf(OTHER.id, "a"));
  for (const path of ACTIONS) assert.equal((await fixture.post(path)).status, 400, path);
  assert.equal(fixture.passwords.length, 1);
  const [revoke, signOut, remove] = ACTIONS as [string, string, string];
  const revoked = await fixture.post(revoke, { confirm: "yes" });
  assert.equal(revoked.headers.get("location"), "/admin/accounts/account-2");
  assert.equal(fixture.passwords.length, 0);
  assert.equal((await fixture.post(revoke, { confirm: "yes" })).status, 404);
  await fixture.post(signOut, { confirm: "yes" });
  assert.deepEqual(fixture.signedOut, [OTHER.id]);
  const deleted = await fixture.post(remove, { confirm: "yes" });
  assert.equal(deleted.headers.get("location"), "/admin/accounts");
  assert.equal(fixture.otherAccounts.length, 0);
});

Deno.test("GET /admin/configuration shows settings by their names, with default and source", async () => {
  const fixture = adminFixture();
  fixture.warnings.push(WARNING);
  const html = await fixture.getPage("/admin/configuration");
  assert.match(
    html,
    /SMTP_PUBLIC_HOST<.*changed.*<code>smtp\.site\.example<.*Default">none<.*Set in">\.env</s,
  );
  assert.match(html, /Anyone may register\..*Set a filter\./s);
});

const WARNING = {
  variable: "ALLOWED_EMAILS_LIST",
  message: "Anyone may register.",
  remedy: "Set a filter.",
};

Deno.test("GET /admin says that all is well only without any warning", async () => {
  const fixture = adminFixture();
  assert.match(await fixture.getPage("/admin"), /All is well/);
  fixture.warnings.push(WARNING);
  const html = await fixture.getPage("/admin");
  assert.match(html, /ALLOWED_EMAILS_LIST.*Anyone may register\..*Set a filter\./s);
  assert.doesNotMatch(html, /All is well/);
});

Deno.test("GET /admin tells the health of the server", async () => {
  const fixture = adminFixture();
  fixture.health = {
    certificates: [["SMTP", NOW_MS]],
    latency: { count: 7, p50Ms: 120, p95Ms: 1500 },
    renewals: [{ outcome: "renewed", count: 3, lastAtMs: NOW_MS }],
    mailboxes: [{ accountId: OTHER.id, inUse: 2, idle: 0, waiting: 5 }],
  };
  const html = await fixture.getPage("/admin");
  assert.match(html, /SMTP certificate expires.*2026-01-01 00:00 UTC.*120 ms.*1\.5 s/s);
  assert.match(html, /renewals: renewed.*3, last.*other@example\.com.*Waiting">5</s);
  assert.match(await adminFixture().getPage("/admin"), /No mailbox is sending/);
});

Deno.test("GET /admin/accounts sorts, and keeps the order with the search", async () => {
  const fixture = adminFixture();
  const byState = await fixture.getPage("/admin/accounts?order=state");
  assert.match(byState, /<tbody>.*other@example\.com.*me@example\.com/s);
  assert.match(byState, /aria-sort="descending".*>State</s);
  assert.match(byState, /<option +value="state" selected/);
  assert.match(byState, /href="\/admin\/accounts\?order=renewed"/);
});

Deno.test("accounts that the filters exclude are marked, and their web sessions end", async () => {
  const fixture = adminFixture();
  fixture.excluded.push(OTHER.email);
  assert.match(await fixture.getPage("/admin/accounts"), /excluded by ALLOWED_EMAILS_LIST/);
  assert.match(
    await fixture.getPage("/admin/accounts/account-2"),
    /excluded by ALLOWED_EMAILS_LIST/,
  );
  fixture.excluded.push(ACCOUNT.email);
  assert.equal((await fixture.get("/account")).status, 303);
  assert.deepEqual(fixture.signedOut, [ACCOUNT.id]);
  fixture.excluded.length = 0;
  assert.equal((await fixture.get("/account")).status, 303, "the session has ended for good");
});

Deno.test("an operator reads what the owner of a mailbox can do, and the owner what they can", async () => {
  const fixture = adminFixture();
  assert.match(
    await fixture.getPage("/admin/accounts/account-2"),
    /What the owner of the mailbox can do/,
  );
  fixture.account = { ...ACCOUNT, state: "sign-in-required", stateReason: "AADSTS70008" };
  assert.match(await fixture.getPage("/account"), /What you can do/);
});

Deno.test("R5: GET /admin/replicas lists the replicas that live, or says that there is one alone", async () => {
  assert.match(await adminFixture().getPage("/admin/replicas"), /works alone/);
  const replicas = [1, 2].map((number) => ({
    id: `${number}`,
    host: `machine-${number}`,
    version: "1.2.3",
    startedAtMs: NOW_MS - 60_000,
    seenAtMs: NOW_MS,
    mailboxCount: 4,
    slotCount: 11,
    isThis: number === 1,
  }));
  const list = () => Promise.resolve(replicas);
  const fixture = new PagesFixture(undefined, [], { replicas: { list } });
  fixture.adminEmails.push(ACCOUNT.email);
  const html = await fixture.getPage("/admin/replicas");
  assert.match(html, /machine-1 \(this one\).*1\.2\.3.*machine-2/s);
  assert.match(html, /data-label="Mailboxes">4<\/td>\s*<td data-label="Connections">11</);
});

Deno.test("POST /admin/registrations/:id/secret-end enters a day, or says what is wrong with it", async () => {
  const fixture = adminFixture();
  fixture.knownRegistrations.push(SECRET);
  const path = "/admin/registrations/client-1/secret-end";
  assert.match(await fixture.getPage(path), /When does the client secret expire\?/);
  const wrong = await fixture.post(path, { "secret-end": "" });
  assert.equal(wrong.status, 400);
  assert.match(await wrong.text(), /href="#question-secret-end">Write a day\./);
  const done = await fixture.follow(await fixture.post(path, { "secret-end": "2028-11-30" }));
  assert.match(
    await done.text(),
    /expires on 2028-11-30.*expires .*2028-11-30.*entered here.*Change/s,
  );
  assert.deepEqual(
    fixture.auditTrail.map(({ actor, action, subject }) => [actor, action, subject]),
    [[ACCOUNT.email, "entered the end of a client secret", "client-1"]],
  );
  const unknown = await fixture.get("/admin/registrations/client-9/secret-end");
  assert.equal(unknown.status, 404);
});

Deno.test("the audit trail can be filtered by what was done, and downloaded", async () => {
  const fixture = adminFixture();
  const { record } = fixture.services.audit;
  await record("nora", "signed in", "nora");
  await record("=nora", "revoked an app password", "“NAS” of a@b.example");
  const all = await fixture.getPage("/admin/audit");
  assert.match(all, /href="\/admin\/audit\/export\.csv"/);
  const html = await fixture.getPage("/admin/audit?action=signed%20in");
  assert.match(html, /<option +value="signed in" selected>/);
  assert.doesNotMatch(html, /NAS/);
  assert.match(html, /export\.csv\?action=signed\+in/);
  assert.match(await fixture.getPage("/admin/audit?action=nothing"), /NAS/);
  const response = await fixture.get("/admin/audit/export.csv");
  assert.match(response.headers.get("content-type")!, /^text\/csv/);
  assert.equal(
    await response.text(),
    "time,who,what,to what\r\n" +
      "2026-01-01T00:00:00.000Z,'=nora,revoked an app password,“NAS” of a@b.example\r\n" +
      "2026-01-01T00:00:00.000Z,nora,signed in,nora\r\n",
  );
  assert.equal((await new PagesFixture().get("/admin/audit/export.csv")).status, 403);
});

Deno.test("/admin/checks makes the checks when an operator asks, and shows verdicts and remedies", async () => {
  const fixture = new PagesFixture();
  fixture.adminEmails.push(ACCOUNT.email);
  fixture.checked = [
    { name: "identity service", findings: [{ status: "ok", text: "it answers" }] },
    {
      name: "SMTP certificate",
      findings: [{ status: "warning", text: "ends in 10 days", remedy: "Renew it." }],
    },
  ];
  const before = await fixture.getPage("/admin/checks");
  assert.match(before, /Check now/);
  assert.doesNotMatch(before, /it answers/);
  const after = await (await fixture.post("/admin/checks")).text();
  assert.match(after, /0 failures, 1 warning\./);
  assert.match(after, /badge warn">warning<.*Ends in 10 days<p class="fine-print">Renew it\./);
});
