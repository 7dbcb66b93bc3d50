import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { type FetchedPage, ScriptedBrowser } from "./browser.ts";
import {
  DEMO_APPLICATION,
  IdentityProvider,
  type Person,
  person,
  PERSONAL_TENANT_ID,
} from "./identity_provider.ts";
import { SMTP_SCOPE } from "./scope.ts";

const SCOPE = `openid profile email offline_access ${SMTP_SCOPE}`;
const REDIRECT_URI = "http://localhost:3000/auth/callback";
const NORA = "nora@outlook.example";
const WORK = "office@contoso.example";
const INSECURE = { [oauth.allowInsecureRequests]: true };

const client: oauth.Client = { client_id: DEMO_APPLICATION.id };
const clientAuth = oauth.ClientSecretPost(DEMO_APPLICATION.secret);

interface Attempt {
  readonly server: oauth.AuthorizationServer;
  readonly verifier: string;
  readonly nonce: string;
  readonly page: FetchedPage;
  readonly callback: URL;
}

/** Goes through the sign-in pages up to the redirect to the application. */
async function signIn(
  idp: IdentityProvider,
  choice: Record<string, string>,
  { tenant = "consumers", extra = {}, browser = new ScriptedBrowser(REDIRECT_URI) } = {},
): Promise<Attempt> {
  const server = await discover(idp, tenant);
  const verifier = oauth.generateRandomCodeVerifier();
  const nonce = oauth.generateRandomNonce();
  const url = new URL(server.authorization_endpoint!);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    response_type: "code",
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    state: "the-state",
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...extra,
  }).toString();
  const first = await browser.get(url);
  const page = first.url.startsWith(REDIRECT_URI) ? first : await browser.post(first.url, choice);
  return { server, verifier, nonce, page, callback: new URL(page.url) };
}

async function discover(idp: IdentityProvider, tenant: string): Promise<oauth.AuthorizationServer> {
  const response = await fetch(`${idp.authority}/${tenant}/v2.0/.well-known/openid-configuration`);
  return await response.json();
}

async function redeem({ server, verifier, nonce, callback }: Attempt) {
  const parameters = oauth.validateAuthResponse(server, client, callback, "the-state");
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    clientAuth,
    parameters,
    REDIRECT_URI,
    verifier,
    INSECURE,
  );
  return await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
}

async function refresh(idp: IdentityProvider, refreshToken: string): Promise<Response> {
  const server = await discover(idp, "consumers");
  return await oauth.refreshTokenGrantRequest(server, client, clientAuth, refreshToken, {
    ...INSECURE,
    additionalParameters: { scope: SCOPE },
  });
}

Deno.test("IdentityProvider signs a person in with Microsoft's claims", async () => {
  const signedIn: Person[] = [];
  await using idp = await IdentityProvider.start({ onSignIn: (person) => signedIn.push(person) });

  const tokens = await redeem(await signIn(idp, { address: NORA }));

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

Deno.test("IdentityProvider issues by the person's tenant, whatever tenant was asked", async () => {
  await using idp = await IdentityProvider.start();
  assert.equal((await discover(idp, "common")).issuer, `${idp.authority}/{tenantid}/v2.0`);
  const attempt = await signIn(idp, { address: WORK }, { tenant: "common" });
  const { tenantId } = person(WORK);
  const issuer = `${idp.authority}/${tenantId}/v2.0`;

  const tokens = await redeem({ ...attempt, server: { ...attempt.server, issuer } });

  assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.tid, tenantId);
});

Deno.test("IdentityProvider keeps work accounts out of consumers", async () => {
  await using idp = await IdentityProvider.start();
  const { page } = await signIn(idp, { address: WORK });
  assert.match(page.text, /AADSTS50020/);
});

Deno.test("IdentityProvider tells the application that the person cancelled", async () => {
  await using idp = await IdentityProvider.start();
  const { callback } = await signIn(idp, { cancel: "yes" });
  assert.equal(callback.searchParams.get("error"), "access_denied");
  assert.match(callback.searchParams.get("error_description") ?? "", /^AADSTS65004: /);
});

Deno.test("IdentityProvider honours prompt and login_hint", async () => {
  await using idp = await IdentityProvider.start();
  const browser = new ScriptedBrowser(REDIRECT_URI);

  const silent = await signIn(idp, {}, { browser, extra: { prompt: "none" } });
  assert.equal(silent.callback.searchParams.get("error"), "login_required");

  await redeem(await signIn(idp, { address: NORA }, { browser }));
  const known = await redeem(await signIn(idp, {}, { browser, extra: { prompt: "none" } }));
  assert.equal(idp.verifyAccessToken(known.access_token)?.address, NORA);

  const other = "someone@hotmail.example";
  const extra = { prompt: "select_account", login_hint: other };
  const switched = await redeem(await signIn(idp, { address: other }, { browser, extra }));
  assert.equal(idp.verifyAccessToken(switched.access_token)?.address, other);
});

Deno.test("IdentityProvider rotates refresh tokens and keeps the old one good for a while", async () => {
  await using idp = await IdentityProvider.start();
  const { refresh_token: first } = await redeem(await signIn(idp, { address: NORA }));
  const { refresh_token: second } = await (await refresh(idp, first!)).json();
  const again = await refresh(idp, first!);

  assert.notEqual(second, first);
  assert.equal(again.status, 200);
  await again.body?.cancel();
  assert.equal(idp.tokenRequests, 3);
});

Deno.test("IdentityProvider refuses a superseded refresh token after its time", async () => {
  await using idp = await IdentityProvider.start({ supersededRefreshTokenLifetimeS: -1 });
  const { refresh_token: first } = await redeem(await signIn(idp, { address: NORA }));
  await (await refresh(idp, first!)).body?.cancel();
  const again = await refresh(idp, first!);
  assert.equal((await again.json()).error, "invalid_grant");
});

Deno.test("IdentityProvider refuses revoked refresh tokens in Microsoft's words", async () => {
  await using idp = await IdentityProvider.start();
  const { refresh_token } = await redeem(await signIn(idp, { address: NORA }));
  idp.revokeRefreshTokens(NORA);
  const response = await refresh(idp, refresh_token!);
  const body = await response.json();
  assert.equal(response.status, 400);
  assert.equal(body.error, "invalid_grant");
  assert.match(body.error_description, /^AADSTS50173: /);
  assert.deepEqual(body.error_codes, [50173]);
  assert.equal(body.suberror, "bad_token");
});

Deno.test("IdentityProvider refuses a wrong client secret with AADSTS7000215", async () => {
  await using idp = await IdentityProvider.start();
  const response = await oauth.refreshTokenGrantRequest(
    await discover(idp, "consumers"),
    client,
    oauth.ClientSecretPost("wrong"),
    "any",
    INSECURE,
  );
  assert.equal(response.status, 401);
  assert.deepEqual((await response.json()).error_codes, [7000215]);
});

Deno.test("IdentityProvider accepts the client secret by HTTP Basic", async () => {
  await using idp = await IdentityProvider.start();
  const { refresh_token } = await redeem(await signIn(idp, { address: NORA }));
  const response = await oauth.refreshTokenGrantRequest(
    await discover(idp, "consumers"),
    client,
    oauth.ClientSecretBasic(DEMO_APPLICATION.secret),
    refresh_token!,
    INSECURE,
  );
  assert.equal(response.status, 200);
  await response.body?.cancel();
});

Deno.test("IdentityProvider fails as it is told", async () => {
  await using idp = await IdentityProvider.start();
  const { refresh_token } = await redeem(await signIn(idp, { address: NORA }));

  idp.tokenFault = { kind: "status", status: 429, retryAfterS: 7 };
  const throttled = await refresh(idp, refresh_token!);
  assert.equal(throttled.status, 429);
  assert.equal(throttled.headers.get("retry-after"), "7");
  await throttled.body?.cancel();

  idp.tokenFault = { kind: "malformed" };
  assert.match(await (await refresh(idp, refresh_token!)).text(), /^<!DOCTYPE html>/);

  idp.tokenFault = { kind: "error", code: "AADSTS70008" };
  assert.deepEqual((await (await refresh(idp, refresh_token!)).json()).error_codes, [70008]);

  idp.tokenFault = { kind: "down" };
  await assert.rejects(refresh(idp, refresh_token!));

  idp.tokenFault = undefined;
  const healed = await refresh(idp, refresh_token!);
  assert.equal(healed.status, 200);
  await healed.body?.cancel();
});

Deno.test("IdentityProvider can be stopped and restarted", async () => {
  await using idp = await IdentityProvider.start();
  const token = idp.issueAccessToken(NORA);
  await idp.stop();
  await assert.rejects(discover(idp, "consumers"));
  assert.equal(idp.verifyAccessToken(token)?.address, NORA);
  await idp.restart();
  assert.ok((await discover(idp, "consumers")).token_endpoint);
  idp.revokeAccessTokens(NORA);
  assert.equal(idp.verifyAccessToken(token), undefined);
});

Deno.test("IdentityProvider lets a device sign in by a code", async () => {
  await using idp = await IdentityProvider.start();
  const server = await discover(idp, "consumers");
  const device = await oauth.processDeviceAuthorizationResponse(
    server,
    client,
    await oauth.deviceAuthorizationRequest(server, client, clientAuth, { scope: SCOPE }, INSECURE),
  );
  const poll = () =>
    oauth.deviceCodeGrantRequest(server, client, clientAuth, device.device_code, INSECURE);
  assert.deepEqual((await (await poll()).json()).error, "authorization_pending");

  const browser = new ScriptedBrowser(REDIRECT_URI);
  const entry = await browser.get(device.verification_uri);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(entry.text)![1]!;
  const signInPage = await browser.post(entry.url, {
    xsrf,
    user_code: device.user_code,
    confirm: "yes",
  });
  const done = await browser.post(signInPage.url, { address: NORA });

  assert.match(done.text, /Signed in/);
  const tokens = await oauth.processDeviceCodeResponse(server, client, await poll());
  assert.equal(idp.verifyAccessToken(tokens.access_token)?.address, NORA);
});
