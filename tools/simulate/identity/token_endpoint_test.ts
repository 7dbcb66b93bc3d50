import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { ScriptedBrowser } from "../browser.ts";
import { ManualClock } from "../../../lib/testing/manual_clock.ts";
import {
  type AadstsCode,
  application,
  DEMO_APPLICATION,
  IdentityProvider,
  OFFICE_APPLICATION,
} from "../identity_provider.ts";
import { person } from "../people.ts";
import { IDENTITY_ERRORS } from "../troubles/microsoft_errors.ts";
import { REDIRECT_URI, refusalOf, TestClient } from "./testing.ts";

const NORA = "nora@outlook.example";
const WORK = "office@contoso.example";
const CONTOSO = person(WORK).tenantId;
const DAY_MS = 24 * 60 * 60 * 1000;

function officeClient(idp: IdentityProvider, { id, secret } = OFFICE_APPLICATION): TestClient {
  return new TestClient(idp, id, oauth.ClientSecretPost(secret));
}

Deno.test("an application gets a token of its own at its organisation's endpoint", async () => {
  await using idp = await IdentityProvider.start();
  const response = await officeClient(idp).applicationToken(CONTOSO);
  const tokens = await response.json();
  assert.deepEqual(Object.keys(tokens).toSorted(), [
    "access_token",
    "expires_in",
    "ext_expires_in",
    "token_type",
  ]);
  assert.equal(tokens.expires_in, 3600);
  assert.equal(idp.verifyAccessToken(tokens.access_token), undefined);
  assert.deepEqual(idp.holderOf(tokens.access_token), {
    kind: "application",
    applicationId: OFFICE_APPLICATION.id,
    tenantId: CONTOSO,
    maySend: true,
  });
});

Deno.test("an application's own token is refused elsewhere, and with another scope", async () => {
  await using idp = await IdentityProvider.start({
    applications: [OFFICE_APPLICATION, application({ ...DEMO_APPLICATION })],
  });
  const office = officeClient(idp);
  const cases: readonly (readonly [Promise<Response>, status: number, code: number])[] = [
    [office.applicationToken("common"), 400, 50194],
    [office.applicationToken("fabrikam.example"), 400, 700016],
    [office.applicationToken(CONTOSO, "https://outlook.office.com/SMTP.Send"), 400, 1002012],
    [office.applicationToken(CONTOSO, "https://example.com/.default"), 400, 500011],
    [new TestClient(idp).applicationToken("organizations"), 400, 50059],
    [new TestClient(idp).applicationToken(CONTOSO), 401, 7000229],
  ];
  for (const [response, status, code] of cases) {
    assert.deepEqual(await refusalOf(await response), [status, code]);
  }
});

Deno.test("an application's own token keeps what was consented to when it was issued, until it ends", async () => {
  const clock = new ManualClock(Date.now());
  await using idp = await IdentityProvider.start({ clock });
  const issue = async () => {
    const response = await officeClient(idp).applicationToken(CONTOSO);
    return (await response.json()).access_token as string;
  };
  const maySend = (token: string) => {
    const holder = idp.holderOf(token);
    return holder?.kind === "application" && holder.maySend;
  };
  const before = await issue();
  idp.applications.update(OFFICE_APPLICATION.id, { sendAsAppTenants: [] });
  const after = await issue();
  assert.deepEqual([maySend(before), maySend(after)], [true, false]);
  await clock.advance(60 * 60 * 1000);
  assert.equal(idp.holderOf(before), undefined);
});

Deno.test("a registration is good for its audience alone", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const tryAt = async (audience: "personal" | "work", tenant: string, address = NORA) => {
    idp.applications.update(DEMO_APPLICATION.id, { audience });
    return (await client.begin({ address }, { tenant })).page.text;
  };
  assert.match(await tryAt("personal", "common"), /AADSTS9002346/);
  assert.match(await tryAt("personal", "organizations", WORK), /AADSTS9002346/);
  assert.match(await tryAt("work", "consumers"), /AADSTS9002332/);
  assert.match(await tryAt("work", "common"), /AADSTS50020/);
  const { callback } = await client.begin({ address: WORK }, { tenant: "common" });
  assert.ok(callback.searchParams.has("code"));
});

for (const code of ["AADSTS53003", "AADSTS50076", "AADSTS700016"] satisfies AadstsCode[]) {
  Deno.test(`${code} shows at refresh, for one account, organisation or registration`, async () => {
    await using idp = await IdentityProvider.start();
    const client = new TestClient(idp);
    const { refresh_token: noras } = await client.signIn(NORA);
    const { refresh_token: works } = await client.signIn(WORK);
    const told = async (token?: string) => {
      const response = await client.refresh(token!);
      if (!response.ok) return (await refusalOf(response))[1];
      await response.body?.cancel();
      return 200;
    };
    const number = Number(code.slice("AADSTS".length));

    idp.troubles.set({ mailbox: NORA }, code);
    assert.deepEqual([await told(noras), await told(works)], [number, 200]);
    idp.troubles.clear();
    idp.troubles.set({ tenant: "contoso.example" }, code);
    assert.deepEqual([await told(noras), await told(works)], [200, number]);
    idp.troubles.clear();
    idp.troubles.set({ application: DEMO_APPLICATION.id }, code);
    assert.deepEqual([await told(noras), await told(works)], [number, number]);
  });
}

Deno.test("every code can be had at refresh and at authorization", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const browser = new ScriptedBrowser(REDIRECT_URI);
  const { refresh_token } = await client.signIn(NORA, { browser });
  for (const code of Object.keys(IDENTITY_ERRORS) as AadstsCode[]) {
    idp.troubles.set({ mailbox: NORA }, code, { stages: ["authorization", "refresh"] });
    const body = await (await client.refresh(refresh_token!)).json();
    assert.deepEqual(body.error_codes, [Number(code.slice("AADSTS".length))]);
    assert.ok(body.error_description.startsWith(`${code}: `), code);
    assert.doesNotMatch(body.error_description, /[{}]/);
    const { callback } = await client.begin({}, { browser, extra: { prompt: "none" } });
    assert.ok(callback.searchParams.get("error_description")?.startsWith(`${code}: `), code);
    idp.troubles.clear();
  }
});

Deno.test("a trouble shows when a code is redeemed, and when an application asks for itself", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  idp.troubles.set({ tenant: "contoso.example" }, "AADSTS7000229", {
    stages: ["redemption", "application"],
  });
  const attempt = await client.begin({ address: WORK });
  assert.deepEqual(await refusalOf(await client.redeem(attempt)), [401, 7000229]);
  const own = await officeClient(idp).applicationToken(CONTOSO);
  assert.deepEqual(await refusalOf(own), [401, 7000229]);
});

Deno.test("the token endpoint throttles one organisation and no other", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const { refresh_token: noras } = await client.signIn(NORA);
  const { refresh_token: works } = await client.signIn(WORK);
  idp.troubles.set({ tenant: "contoso.example" }, "token-endpoint-throttles");
  const throttled = await client.refresh(works!);
  assert.equal(throttled.status, 429);
  assert.equal(throttled.headers.get("retry-after"), "30");
  await throttled.body?.cancel();
  const other = await client.refresh(noras!);
  assert.equal(other.status, 200);
  await other.body?.cancel();
});

Deno.test("AADSTS50173 asks for a new sign-in, which heals it", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const former = await client.signIn(NORA);
  idp.troubles.set({ mailbox: NORA }, "AADSTS50173", { atOnce: true });
  assert.equal(idp.verifyAccessToken(former.access_token), undefined);
  assert.deepEqual(await refusalOf(await client.refresh(former.refresh_token!)), [400, 50173]);
  const { refresh_token } = await client.signIn(NORA);
  const refreshed = await client.refresh(refresh_token!);
  assert.equal(refreshed.status, 200);
  await refreshed.body?.cancel();
  assert.deepEqual(idp.troubles.list, []);
});

Deno.test("tokens live and end by the simulation's clock", async () => {
  const clock = new ManualClock(Date.now());
  await using idp = await IdentityProvider.start({ clock });
  const client = new TestClient(idp);
  const { access_token, refresh_token } = await client.signIn(NORA);
  await clock.advance(60 * 60 * 1000);
  assert.equal(idp.verifyAccessToken(access_token), undefined);
  await clock.advance(60 * DAY_MS);
  const { access_token: fresh, refresh_token: next } = await (await client.refresh(refresh_token!))
    .json();
  assert.equal(idp.verifyAccessToken(fresh)?.address, NORA);
  await clock.advance(90 * DAY_MS);
  assert.deepEqual(await refusalOf(await client.refresh(next)), [400, 700082]);
});
