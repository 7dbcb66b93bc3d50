import assert from "node:assert/strict";
import type { AccountRecord } from "../../lib/store/store.ts";
import {
  ACCOUNT,
  appPasswordOf,
  deliveryOf,
  NOW_MS,
  World,
} from "../(_components)/testing/world.ts";

const OTHER: AccountRecord = {
  ...ACCOUNT,
  id: "account-2",
  email: "other@example.com",
  displayName: "<Other>",
  state: "sign-in-required",
  stateReason: "AADSTS70008",
};

/** A world in which the signed-in account is an operator's. */
function adminWorld(): World {
  const world = new World();
  world.adminEmails.push(ACCOUNT.email);
  world.otherAccounts.push(OTHER);
  return world;
}

const PATHS = ["/admin", "/admin/accounts", "/admin/accounts/account-2", "/admin/configuration"];
const ACTIONS = ["passwords/id-of-a/revoke", "sign-out", "delete"]
  .map((action) => `/admin/accounts/account-2/${action}`);

Deno.test("admin pages and actions are for operators alone", async () => {
  const world = new World();
  world.otherAccounts.push(OTHER);
  for (const path of PATHS) {
    assert.equal((await world.get(path)).status, 403, path);
    assert.equal((await world.get(path, "")).status, 303, path);
  }
  for (const path of ACTIONS) {
    assert.equal((await world.post(path, { confirm: "yes" })).status, 403, path);
  }
  assert.equal(world.otherAccounts.length, 1);
  assert.doesNotMatch(await world.getPage("/account"), /href="\/admin"/);
  assert.match(await adminWorld().getPage("/account"), /href="\/admin"/);
});

Deno.test("W3: an unverified e-mail address makes no operator", async () => {
  const world = adminWorld();
  world.account = { ...ACCOUNT, emailVerified: false };
  assert.equal((await world.get("/admin")).status, 403);
});

Deno.test("GET /admin shows charts with their numbers, app registrations and warnings", async () => {
  const world = adminWorld();
  world.deliveries.push(
    deliveryOf(2, { atMs: NOW_MS - 1000 }),
    deliveryOf(1, { atMs: NOW_MS - 1000, outcome: "refused" }),
  );
  world.alerts.push({
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
  const html = await world.getPage("/admin");
  assert.match(html, /aria-label="Last 24 hours \(UTC\): 1 accepted, 1 not accepted"/);
  assert.match(html, /<table>.*23:00.*<td>1<\/td><td>1<\/td>/s);
  assert.match(html, /client-1.*no complaint.*client-2.*refused.*has expired/s);
  assert.match(html, /seen 3 times/);
  assert.match(html, /1\.2\.3/);
});

Deno.test("GET /admin/accounts searches and filters", async () => {
  const world = adminWorld();
  const html = await world.getPage("/admin/accounts");
  assert.match(html, /2 accounts.*me@example\.com.*other@example\.com.*&lt;Other>.*AADSTS70008/s);
  const searched = await world.getPage("/admin/accounts?search=other");
  assert.match(searched, /1 account<.*href="\/admin\/accounts\/account-2"/s);
  assert.doesNotMatch(searched, /accounts\/account-1"/);
  assert.match(await world.getPage("/admin/accounts?state=active"), /1 account</);
});

Deno.test("GET /admin/accounts pages", async () => {
  const world = adminWorld();
  for (let count = 0; count < 60; count++) world.otherAccounts.push({ ...OTHER, id: `n-${count}` });
  assert.match(await world.getPage("/admin/accounts"), /href="\/admin\/accounts\?page=2">Next/);
  const last = await world.getPage("/admin/accounts?page=2");
  assert.match(last, /page=1">Previous/);
  assert.doesNotMatch(last, />Next</);
  for (const page of ["0", "-1", "1.5", "x", "1e9"]) {
    assert.doesNotMatch(await world.getPage(`/admin/accounts?page=${page}`), />Previous</);
  }
});

Deno.test("GET /admin/accounts/:id explains an account's state", async () => {
  const world = adminWorld();
  const html = await world.getPage("/admin/accounts/account-2");
  assert.match(html, /<h1>other@example\.com<\/h1>.*AADSTS70008/s);
  const stateReason = "535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox.";
  world.otherAccounts.push({ ...OTHER, id: "account-3", state: "refused", stateReason });
  const refused = await world.getPage("/admin/accounts/account-3");
  assert.match(refused, /refused by Microsoft \(535 5\.7\.139\).*SMTP/s);
  assert.equal((await world.get("/admin/accounts/unknown")).status, 404);
});

Deno.test("an operator revokes, signs out and deletes, after a confirmation", async () => {
  const world = adminWorld();
  world.passwords.push(appPasswordOf(OTHER.id, "a"));
  for (const path of ACTIONS) assert.equal((await world.post(path)).status, 400, path);
  assert.equal(world.passwords.length, 1);
  const [revoke, signOut, remove] = ACTIONS as [string, string, string];
  const revoked = await world.post(revoke, { confirm: "yes" });
  assert.equal(revoked.headers.get("location"), "/admin/accounts/account-2");
  assert.equal(world.passwords.length, 0);
  assert.equal((await world.post(revoke, { confirm: "yes" })).status, 404);
  await world.post(signOut, { confirm: "yes" });
  assert.deepEqual(world.signedOut, [OTHER.id]);
  const deleted = await world.post(remove, { confirm: "yes" });
  assert.equal(deleted.headers.get("location"), "/admin/accounts");
  assert.equal(world.otherAccounts.length, 0);
});

Deno.test("GET /admin/configuration shows settings by their path", async () => {
  const html = await adminWorld().getPage("/admin/configuration");
  assert.match(html, /smtp\.publicHost.*&quot;smtp\.site\.example&quot;/s);
  assert.match(html, /session\.secrets.*\[secret\]/s);
});
