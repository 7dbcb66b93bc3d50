import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { ScriptedBrowser } from "./browser.ts";
import { SMTP_SCOPE } from "./identity/scope.ts";
import { REDIRECT_URI, refusalOf, SCOPE, TestClient } from "./identity/testing.ts";
import {
  DEMO_APPLICATION,
  IdentityProvider,
  type Person,
  person,
  PERSONAL_TENANT_ID,
} from "./identity_provider.ts";
import { ALIAS_PERSON, OTHER_DOMAIN_PERSON, STAFF_NUMBER_PERSON } from "./people.ts";

const NORA = "nora@outlook.example";
const WORK = "office@contoso.example";
const INSECURE = { [oauth.allowInsecureRequests]: true };

Deno.test("IdentityProvider signs a person in with Microsoft's claims", async () => {
  const signedIn: Person[] = [];
  await using idp = await IdentityProvider.start({ onSignIn: (person) => signedIn.push(person) });

  const tokens = await new TestClient(idp).signIn(NORA, { tenant: "consumers" });

  const claims = oauth.getValidatedIdTokenClaims(tokens)!;
  const nora = person(NORA);
  assert.equal(claims.iss, `${idp.authority}/${PERSONAL_TENANT_ID}/v2.0`);
  assert.equal(claims.tid, PERSONAL_TENANT_ID);
  assert.equal(claims.oid, nora.objectId);
  assert.equal(claims.preferred_username, NORA);
  assert.equal(claims.email, NORA);
  assert.equal(claims.name, "Nora Lindqvist");
  assert.equal(claims.ver, "2.0");
  assert.ok(tokens.scope?.includes(SMTP_SCOPE));
  assert.equal(idp.verifyAccessToken(tokens.access_token)?.address, NORA);
  assert.deepEqual(signedIn.map(({ address }) => address), [NORA]);
});

for (const one of [ALIAS_PERSON, STAFF_NUMBER_PERSON, OTHER_DOMAIN_PERSON]) {
  Deno.test(`IdentityProvider tells the sign-in name of ${one.name} from the mail address`, async () => {
    await using idp = await IdentityProvider.start();
    const tokens = await new TestClient(idp).signIn(one.signInName);
    const claims = oauth.getValidatedIdTokenClaims(tokens)!;
    assert.equal(claims.preferred_username, one.signInName);
    assert.equal(claims.email, one.address);
    assert.notEqual(claims.email, claims.preferred_username);
    assert.equal(claims.tid, one.tenantId);
  });
}

Deno.test("IdentityProvider lets work accounts in by their sign-in name alone, personal ones by any address", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const { page } = await client.begin({ address: STAFF_NUMBER_PERSON.address });
  assert.match(page.text, /AADSTS50034/);
  const tokens = await client.signIn(ALIAS_PERSON.address);
  assert.equal(idp.verifyAccessToken(tokens.access_token)?.objectId, ALIAS_PERSON.objectId);
});

Deno.test("IdentityProvider lets nobody sign in to a shared mailbox", async () => {
  await using idp = await IdentityProvider.start();
  const { page } = await new TestClient(idp).begin({ address: "sales@contoso.example" });
  assert.match(page.text, /AADSTS50057/);
});

Deno.test("IdentityProvider has organisations with a tenant of their own", () => {
  const tenants = [WORK, "amara@fabrikam.example", NORA].map((name) => person(name).tenantId);
  assert.equal(new Set(tenants).size, 3);
  assert.equal(person("trivera@fabrikam.onmicrosoft.example").tenantId, tenants[1]);
});

Deno.test("IdentityProvider issues by the person's tenant, whatever tenant was asked", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  assert.equal((await client.discover("common")).issuer, `${idp.authority}/{tenantid}/v2.0`);

  const tokens = await client.signIn(WORK, { tenant: "common" });

  assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.tid, person(WORK).tenantId);
});

Deno.test("IdentityProvider keeps work accounts out of consumers", async () => {
  await using idp = await IdentityProvider.start();
  const { page } = await new TestClient(idp).begin({ address: WORK }, { tenant: "consumers" });
  assert.match(page.text, /AADSTS50020/);
});

Deno.test("IdentityProvider does not know tenants that do not exist", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const nowhere = await fetch(
    `${idp.authority}/00000000-0000-4000-8000-000000000000/v2.0/.well-known/openid-configuration`,
  );
  assert.deepEqual(await refusalOf(nowhere), [400, 90002]);
  assert.ok((await client.discover(person(WORK).tenantId)).token_endpoint);
});

Deno.test("IdentityProvider tells the application that the person cancelled", async () => {
  await using idp = await IdentityProvider.start();
  const { searchParams } = (await new TestClient(idp).begin({ cancel: "yes" })).callback;
  assert.equal(searchParams.get("error"), "access_denied");
  assert.equal(searchParams.get("error_subcode"), "cancel");
  assert.match(
    searchParams.get("error_description") ?? "",
    /^AADSTS65004: .*\r\nTrace ID: .*\r\nCorrelation ID: .*\r\nTimestamp: /,
  );
});

Deno.test("IdentityProvider honours prompt and login_hint", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const browser = new ScriptedBrowser(REDIRECT_URI);

  const silent = await client.begin({}, { browser, extra: { prompt: "none" } });
  assert.equal(silent.callback.searchParams.get("error"), "login_required");

  await client.signIn(NORA, { browser });
  const known = await client.signIn("", { browser, extra: { prompt: "none" } });
  assert.equal(idp.verifyAccessToken(known.access_token)?.address, NORA);

  const other = "someone@hotmail.example";
  const extra = { prompt: "select_account", login_hint: other };
  const switched = await client.signIn(other, { browser, extra });
  assert.equal(idp.verifyAccessToken(switched.access_token)?.address, other);
});

Deno.test("IdentityProvider signs nobody in silently whom the hint does not name", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const browser = new ScriptedBrowser(REDIRECT_URI);
  const { address, signInName } = STAFF_NUMBER_PERSON;
  await client.signIn(signInName, { browser });
  const silent = (login_hint: string) =>
    client.begin({}, { browser, extra: { prompt: "none", login_hint } });

  const byAddress = await silent(address);
  assert.equal(byAddress.callback.searchParams.get("error"), "login_required");
  assert.ok((await silent(signInName)).callback.searchParams.has("code"));
});

Deno.test("IdentityProvider rotates refresh tokens and keeps the old one good for a while", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const { refresh_token: first } = await client.signIn(NORA);
  const { refresh_token: second } = await (await client.refresh(first!)).json();
  const again = await client.refresh(first!);

  assert.notEqual(second, first);
  assert.equal(again.status, 200);
  await again.body?.cancel();
  assert.equal(idp.tokenRequests, 3);
});

Deno.test("IdentityProvider refuses a superseded refresh token after its time", async () => {
  await using idp = await IdentityProvider.start({ supersededRefreshTokenLifetimeS: -1 });
  const client = new TestClient(idp);
  const { refresh_token: first } = await client.signIn(NORA);
  await (await client.refresh(first!)).body?.cancel();
  const again = await client.refresh(first!);
  assert.equal((await again.json()).error, "invalid_grant");
});

Deno.test("IdentityProvider refuses revoked refresh tokens in Microsoft's words", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const { refresh_token } = await client.signIn(NORA);
  idp.revokeRefreshTokens(NORA);
  const response = await client.refresh(refresh_token!);
  const body = await response.json();
  assert.equal(response.status, 400);
  assert.equal(body.error, "invalid_grant");
  assert.match(
    body.error_description,
    /^AADSTS50173: .* Trace ID: [\da-f-]+ Correlation ID: [\da-f-]+ Timestamp: [\d :-]+Z$/,
  );
  assert.deepEqual(body.error_codes, [50173]);
  assert.equal(body.suberror, "bad_token");
  assert.match(body.error_uri, /code=50173$/);
});

Deno.test("IdentityProvider fails as it is told", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const { refresh_token } = await client.signIn(NORA);
  const refresh = () => client.refresh(refresh_token!);

  idp.faults.token = { kind: "status", status: 429, retryAfterS: 7 };
  const throttled = await refresh();
  assert.equal(throttled.status, 429);
  assert.equal(throttled.headers.get("retry-after"), "7");
  await throttled.body?.cancel();

  idp.faults.token = { kind: "malformed" };
  assert.match(await (await refresh()).text(), /^<!DOCTYPE html>/);

  idp.faults.token = { kind: "error", code: "AADSTS70008" };
  assert.deepEqual(await refusalOf(await refresh()), [400, 70008]);

  idp.faults.token = { kind: "down" };
  await assert.rejects(refresh());

  idp.faults.token = undefined;
  const healed = await refresh();
  assert.equal(healed.status, 200);
  await healed.body?.cancel();
});

Deno.test("IdentityProvider fails at each of its endpoints", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const { jwks_uri } = await client.discover();

  idp.faults.keys = { kind: "status", status: 503 };
  const keys = await fetch(jwks_uri!);
  assert.equal(keys.status, 503);
  await keys.body?.cancel();

  idp.faults.discovery = { kind: "malformed" };
  await assert.rejects(client.discover(), SyntaxError);

  idp.faults.discovery = { kind: "hang" };
  const hanging = assert.rejects(client.discover());
  await idp.stop();
  await hanging;
});

Deno.test("IdentityProvider can be stopped and restarted", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  const token = idp.issueAccessToken(NORA);
  await idp.stop();
  await assert.rejects(client.discover());
  assert.equal(idp.verifyAccessToken(token)?.address, NORA);
  await idp.restart();
  assert.ok((await client.discover()).token_endpoint);
  idp.revokeAccessTokens(NORA);
  assert.equal(idp.verifyAccessToken(token), undefined);
});

Deno.test("IdentityProvider leaves out what a registration has no permission for", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp);
  idp.applications.update(DEMO_APPLICATION.id, { omits: ["refresh_token", "email", "oid"] });
  const tokens = await client.signIn(NORA);
  const claims = oauth.getValidatedIdTokenClaims(tokens)!;
  assert.equal(tokens.refresh_token, undefined);
  assert.equal(claims.email, undefined);
  assert.equal(claims.oid, undefined);
  assert.equal(claims.preferred_username, NORA);
});

Deno.test("IdentityProvider lets a device sign in by a code", async () => {
  await using idp = await IdentityProvider.start();
  const application = new TestClient(idp);
  const { client, auth } = application;
  const server = await application.discover("consumers");
  const device = await oauth.processDeviceAuthorizationResponse(
    server,
    client,
    await oauth.deviceAuthorizationRequest(server, client, auth, { scope: SCOPE }, INSECURE),
  );
  const poll = () =>
    oauth.deviceCodeGrantRequest(server, client, auth, device.device_code, INSECURE);
  assert.deepEqual((await (await poll()).json()).error, "authorization_pending");

  const browser = new ScriptedBrowser(REDIRECT_URI);
  const entry = await browser.get(device.verification_uri);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(entry.text)![1]!;
  const signInPage = await browser.post(entry.url, {
    xsrf,
    user_code: device.user_code,
    confirm: "yes",
  });
  assert.match(signInPage.text, new RegExp(DEMO_APPLICATION.name));
  const done = await browser.post(signInPage.url, { address: NORA });

  assert.match(done.text, /Signed in/);
  const tokens = await oauth.processDeviceCodeResponse(server, client, await poll());
  assert.equal(idp.verifyAccessToken(tokens.access_token)?.address, NORA);
});
