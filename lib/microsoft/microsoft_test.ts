import assert from "node:assert/strict";
import { DAY_MS, SECOND_MS, systemClock } from "../base/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import type { MicrosoftOptions } from "./microsoft.ts";
import {
  type AuthorizationRequest,
  Microsoft,
  MicrosoftError,
  type MicrosoftFailure,
  PERSONAL_TENANT_ID,
} from "./mod.ts";
import {
  AUTHORITY,
  CLIENT_ID,
  IdentityService,
  json,
  oauthError,
  OBJECT_ID,
  REGISTRATION,
} from "../testing/identity_service.ts";
import { settle } from "../testing/settle.ts";

const OTHER_TENANT_ID = "12345678-1234-4234-8234-123456789012";

const REQUEST: AuthorizationRequest = {
  clientId: CLIENT_ID,
  redirectUri: "http://localhost:3000/auth",
  state: "the-state",
  nonce: "the-nonce",
  codeVerifier: "the-verifier-the-verifier-the-verifier-the-v",
};

const CALLBACK = new URL("http://localhost:3000/auth?code=the-code&state=the-state");

interface ClientOptions extends Partial<MicrosoftOptions> {
  readonly tenant?: string;
}

function client(
  service: IdentityService,
  { tenant = "consumers", ...options }: ClientOptions = {},
): Microsoft {
  return new Microsoft({
    authority: AUTHORITY,
    registrations: [{ ...REGISTRATION, tenant }],
    defaultClientId: CLIENT_ID,
    clock: systemClock,
    fetch: service.fetch,
    ...options,
  });
}

/** A service whose next sign-in shows these claims; `extra` replaces or removes parts of the answer. */
function serviceWith(claims: Record<string, unknown>, extra: object = {}): IdentityService {
  const service = new IdentityService();
  service.onToken = async () => {
    const idToken = await service.idToken({ nonce: REQUEST.nonce, ...claims });
    return service.tokens({ id_token: idToken, ...extra });
  };
  return service;
}

/** Whether the error tells somebody who waits before the sign-in page what to do. */
function pressAgain(error: unknown): boolean {
  assert.ok(fails("temporary")(error));
  const { fixer, remedy } = (error as MicrosoftError).explanation;
  assert.equal(fixer, "user");
  assert.match(remedy, /press the sign-in button again/);
  return true;
}

function fails(failure: MicrosoftFailure, code?: string) {
  return (error: unknown) => {
    assert.ok(error instanceof MicrosoftError, String(error));
    assert.equal(error.failure, failure, error.message);
    if (code !== undefined) assert.equal(error.code, code);
    return true;
  };
}

Deno.test("authorizationUrl() asks with PKCE S256, state, nonce and the account chooser", async () => {
  const url = await client(new IdentityService()).authorizationUrl({
    ...REQUEST,
    prompt: "select_account",
    loginHint: "nora@outlook.example",
  });
  assert.equal(url.origin + url.pathname, `${AUTHORITY}/authorize`);
  const parameters = Object.fromEntries(url.searchParams);
  const { code_challenge: challenge, ...rest } = parameters;
  assert.match(challenge!, /^[\w-]{43}$/);
  assert.deepEqual(rest, {
    client_id: CLIENT_ID,
    response_type: "code",
    response_mode: "query",
    redirect_uri: REQUEST.redirectUri,
    scope: "openid profile email offline_access https://outlook.office.com/SMTP.Send",
    state: "the-state",
    nonce: "the-nonce",
    code_challenge_method: "S256",
    login_hint: "nora@outlook.example",
    prompt: "select_account",
  });
});

Deno.test("complete() gives the identity and the tokens", async () => {
  const service = serviceWith({});
  const forms: URLSearchParams[] = [];
  const respond = service.onToken;
  service.onToken = (form) => (forms.push(form), respond(form));
  const { identity, clientId, tokens } = await client(service).complete(CALLBACK, REQUEST);
  assert.deepEqual(identity, {
    tenantId: PERSONAL_TENANT_ID,
    objectId: OBJECT_ID,
    kind: "personal",
    signInName: "nora@outlook.example",
    signInNameConfirmed: false,
    email: "nora@outlook.example",
    emailVerified: true,
    displayName: "Nora",
  });
  assert.equal(clientId, CLIENT_ID);
  assert.equal(tokens.accessToken, "access-1");
  assert.equal(tokens.refreshToken, "refresh-1");
  assert.equal(forms[0]?.get("client_secret"), "client-secret");
  assert.equal(forms[0]?.get("code_verifier"), REQUEST.codeVerifier);
});

Deno.test("W1: complete() refuses tokens that are not for us, from us, or of the tenant", async (t) => {
  const nowS = Math.floor(Date.now() / 1000);
  const forgeries: Record<string, Record<string, unknown>> = {
    "another nonce": { nonce: "another" },
    "no nonce": { nonce: undefined },
    "another audience": { aud: "somebody else" },
    "another issuer": { iss: "https://evil.example/v2.0" },
    "the issuer of another tenant": { iss: `${AUTHORITY}/${OTHER_TENANT_ID}/v2.0` },
    "another tenant": { tid: OTHER_TENANT_ID, iss: `${AUTHORITY}/${OTHER_TENANT_ID}/v2.0` },
    "a tid that is not the issuer's": { tid: OTHER_TENANT_ID },
    "a tid that is no GUID": { tid: "1" },
    "an oid that is no GUID": { oid: "1" },
    "a token that has expired": { exp: nowS - 3600 },
  };
  for (const [name, claims] of Object.entries(forgeries)) {
    await t.step(name, async () => {
      const microsoft = client(serviceWith(claims));
      await assert.rejects(microsoft.complete(CALLBACK, REQUEST), fails("untrusted"));
    });
  }
});

Deno.test("complete() blames the app registration for an answer that lacks something", async (t) => {
  const services: Record<string, IdentityService> = {
    "no_tenant": serviceWith({ tid: undefined }),
    "no_object_id": serviceWith({ oid: undefined }),
    "no_address": serviceWith({ email: undefined }),
    "no_refresh_token": serviceWith({}, { refresh_token: undefined }),
  };
  for (const [code, service] of Object.entries(services)) {
    await t.step(code, async () => {
      await assert.rejects(client(service).complete(CALLBACK, REQUEST), (error) => {
        assert.ok(fails("registration", code)(error));
        const { fixer, remedy } = (error as MicrosoftError).explanation;
        assert.equal(fixer, "operator");
        assert.match(remedy, /API permissions/);
        return true;
      });
    });
  }
});

Deno.test("complete() asks to press the button again while the service has trouble", async (t) => {
  const answerKeys = (answer: () => Response) => (url: URL) =>
    url.pathname.endsWith("/keys") ? answer() : undefined;
  const troubles: Record<string, (service: IdentityService) => void> = {
    "90033": (service) => service.onToken = () => oauthError("invalid_grant", 90033),
    "429": (service) => service.onToken = () => json({ error: "busy" }, 429),
    "503": (service) => service.onToken = () => json({}, 503),
    "the network": (service) => service.onToken = () => Promise.reject(new TypeError("reset")),
    "no keys": (service) => service.onRequest = answerKeys(() => json({ keys: [] })),
    "keys that are down": (service) => service.onRequest = answerKeys(() => json({}, 500)),
    "no discovery": (service) => service.onRequest = () => json({}, 500),
  };
  for (const [name, trouble] of Object.entries(troubles)) {
    await t.step(name, async () => {
      const service = serviceWith({});
      trouble(service);
      await assert.rejects(client(service).complete(CALLBACK, REQUEST), pressAgain);
      if (name !== "no discovery") return;
      await assert.rejects(client(service).authorizationUrl(REQUEST), pressAgain);
    });
  }
  await t.step("a hang", async () => {
    const service = serviceWith({});
    service.onToken = () => new Promise(() => {});
    const clock = new ManualClock(Date.now(), settle);
    const refused = assert.rejects(
      client(service, { clock }).complete(CALLBACK, REQUEST),
      pressAgain,
    );
    await clock.advance(8 * SECOND_MS);
    await refused;
  });
  await t.step("nothing to do for a renewal", async () => {
    const service = new IdentityService();
    service.onToken = () => json({}, 503);
    const error = await client(service).refresh(CLIENT_ID, "token").catch((error) => error);
    assert.equal(error.explanation.fixer, "nobody");
    assert.match(error.explanation.remedy, /^Nothing to do/);
  });
});

Deno.test("complete() calls a refused code no sign-in that is accepted no more", async (t) => {
  for (const number of [undefined, 70008, 70000]) {
    await t.step(String(number), async () => {
      const service = new IdentityService();
      service.onToken = () => oauthError("invalid_grant", number);
      const error = await client(service).complete(CALLBACK, REQUEST).catch((error) => error);
      assert.equal(error.explanation.title, "Microsoft did not accept this sign-in");
    });
  }
});

Deno.test("errors say what Microsoft said", async () => {
  const service = new IdentityService();
  for (const number of [50173, 1234567]) {
    service.onToken = () => oauthError("invalid_grant", number);
    const error = await client(service).refresh(CLIENT_ID, "token").catch((error) => error);
    assert.match(error.message, /Something in English\.$/);
  }
});

Deno.test("W1: complete() refuses a signature of other keys", async () => {
  const service = serviceWith({});
  const forger = new IdentityService();
  service.onToken = async () =>
    service.tokens({ id_token: await forger.idToken({ nonce: REQUEST.nonce }) });
  await assert.rejects(client(service).complete(CALLBACK, REQUEST), fails("untrusted"));
});

Deno.test("W1: complete() refuses callbacks with another state, no state, or two codes", async (t) => {
  for (const query of ["code=c&state=another", "code=c", "code=a&code=b&state=the-state"]) {
    await t.step(query, async () => {
      const service = new IdentityService();
      const callback = new URL(`${REQUEST.redirectUri}?${query}`);
      await assert.rejects(client(service).complete(callback, REQUEST), fails("untrusted"));
      assert.equal(service.tokenRequests, 0);
    });
  }
});

Deno.test("W1: complete() refuses a callback that names another issuer (RFC 9207)", async () => {
  const callback = new URL(CALLBACK);
  callback.searchParams.set("iss", "https://evil.example");
  await assert.rejects(
    client(new IdentityService()).complete(callback, REQUEST),
    fails("untrusted"),
  );
});

Deno.test("W1: complete() refuses a callback that names the issuer of another tenant (RFC 9207)", async (t) => {
  const withIssuer = (tenantId: string) => {
    const callback = new URL(CALLBACK);
    callback.searchParams.set("iss", `${AUTHORITY}/${tenantId}/v2.0`);
    return callback;
  };
  for (const tenant of ["consumers", PERSONAL_TENANT_ID]) {
    await t.step(`${tenant}, before the code is redeemed`, async () => {
      const service = serviceWith({});
      const microsoft = client(service, { tenant });
      await assert.rejects(
        microsoft.complete(withIssuer(OTHER_TENANT_ID), REQUEST),
        fails("untrusted"),
      );
      assert.equal(service.tokenRequests, 0);
    });
  }
  await t.step("common, by the tenant of the id_token", async () => {
    const service = serviceWith({});
    service.issuer = `${AUTHORITY}/{tenantid}/v2.0`;
    const microsoft = client(service, { tenant: "common" });
    await assert.rejects(
      microsoft.complete(withIssuer(OTHER_TENANT_ID), REQUEST),
      fails("untrusted"),
    );
    const { identity } = await microsoft.complete(withIssuer(PERSONAL_TENANT_ID), REQUEST);
    assert.equal(identity.tenantId, PERSONAL_TENANT_ID);
  });
});

Deno.test("complete() substitutes {tenantid} in the issuer of metadata for several tenants", async (t) => {
  const work = { tid: OTHER_TENANT_ID, iss: `${AUTHORITY}/${OTHER_TENANT_ID}/v2.0` };
  for (const tenant of ["common", "organizations", OTHER_TENANT_ID, "contoso.example"]) {
    await t.step(`${tenant} takes a work account`, async () => {
      const service = serviceWith(work);
      service.issuer = `${AUTHORITY}/{tenantid}/v2.0`;
      const { identity } = await client(service, { tenant }).complete(CALLBACK, REQUEST);
      assert.equal(identity.kind, "work");
    });
  }
  for (const tenant of ["organizations", OTHER_TENANT_ID, "contoso.example"]) {
    await t.step(`W1: ${tenant} refuses a personal account`, async () => {
      const service = serviceWith({});
      service.issuer = `${AUTHORITY}/{tenantid}/v2.0`;
      const microsoft = client(service, { tenant });
      await assert.rejects(microsoft.complete(CALLBACK, REQUEST), fails("untrusted"));
    });
  }
});

Deno.test("complete() believes the addresses of the one organisation that the operator has chosen", async () => {
  const work = { tid: OTHER_TENANT_ID, iss: `${AUTHORITY}/${OTHER_TENANT_ID}/v2.0` };
  for (const tenant of [OTHER_TENANT_ID, "contoso.example"]) {
    const service = serviceWith(work);
    service.issuer = `${AUTHORITY}/${OTHER_TENANT_ID}/v2.0`;
    const { identity } = await client(service, { tenant }).complete(CALLBACK, REQUEST);
    assert.equal(identity.emailVerified, true, tenant);
  }
  for (const tenant of ["common", "organizations"]) {
    const { identity } = await client(serviceWith(work), { tenant }).complete(CALLBACK, REQUEST);
    assert.equal(identity.emailVerified, false, tenant);
  }
});

Deno.test("W1: complete() takes accounts of a tenant named by domain only from that tenant", async () => {
  const other = "99999999-1234-4234-8234-123456789012";
  const service = serviceWith({ tid: other, iss: `${AUTHORITY}/${other}/v2.0` });
  service.issuer = `${AUTHORITY}/${OTHER_TENANT_ID}/v2.0`;
  const microsoft = client(service, { tenant: "contoso.example" });
  await assert.rejects(microsoft.complete(CALLBACK, REQUEST), fails("untrusted"));
});

Deno.test("complete() believes a work account's address only with xms_edov", async () => {
  const work = { tid: OTHER_TENANT_ID, iss: `${AUTHORITY}/${OTHER_TENANT_ID}/v2.0` };
  const service = serviceWith({ ...work, xms_edov: true });
  const { identity } = await client(service, { tenant: "common" }).complete(CALLBACK, REQUEST);
  assert.equal(identity.emailVerified, true);
});

Deno.test("complete() tells a cancelled sign-in from a refused one", async () => {
  const microsoft = client(new IdentityService());
  const callback = (query: string) => new URL(`${REQUEST.redirectUri}?state=the-state&${query}`);
  await assert.rejects(
    microsoft.complete(callback("error=access_denied"), REQUEST),
    fails("cancelled", "access_denied"),
  );
  await assert.rejects(
    microsoft.complete(
      callback("error=access_denied&error_description=AADSTS65004:+declined"),
      REQUEST,
    ),
    fails("cancelled", "AADSTS65004"),
  );
  await assert.rejects(
    microsoft.complete(callback("error=login_required"), REQUEST),
    fails("sign-in-required", "login_required"),
  );
  await assert.rejects(
    microsoft.complete(callback("error=odd&error_description=Something+<b>new"), REQUEST),
    (error) =>
      fails("refused", "odd")(error) &&
      (error as MicrosoftError).explanation.cause === "Something <b>new",
  );
});

Deno.test("complete() tells the sign-in name from the mail address", async () => {
  const service = new IdentityService();
  const id_token = await service.idToken({
    nonce: REQUEST.nonce,
    preferred_username: "u4711@corp.example",
  });
  service.onToken = () => service.tokens({ id_token });
  const { identity } = await client(service).complete(CALLBACK, REQUEST);
  assert.equal(identity.signInName, "u4711@corp.example");
  assert.equal(identity.signInNameConfirmed, true);
  assert.equal(identity.email, "nora@outlook.example");
});

Deno.test("refresh() tells the account's present names, whatever the machine's clock says", async () => {
  const service = new IdentityService();
  const exp = Math.floor((Date.now() - DAY_MS) / 1000);
  const id_token = await service.idToken({ preferred_username: "u4711@corp.example", exp });
  const scopes: (string | null)[] = [];
  service.onToken = (form) => (scopes.push(form.get("scope")), service.tokens({ id_token }));
  const { names, accessToken } = await client(service).refresh(CLIENT_ID, "token");
  assert.deepEqual(names, {
    tenantId: PERSONAL_TENANT_ID,
    objectId: OBJECT_ID,
    signInName: "u4711@corp.example",
    email: "nora@outlook.example",
    emailVerified: true,
  });
  assert.equal(accessToken, "access-1");
  assert.match(scopes[0]!, /^openid profile email offline_access /);
});

Deno.test("T4: refresh() gives the token beside an id_token that it does not understand", async (t) => {
  const strange: Record<string, Record<string, unknown>> = {
    "another issuer": { iss: "https://other.example/v2.0" },
    "another audience": { aud: "somebody else" },
    "no tid": { tid: undefined },
    "no oid": { oid: undefined },
  };
  for (const [name, claims] of Object.entries(strange)) {
    await t.step(name, async () => {
      const service = new IdentityService();
      const id_token = await service.idToken(claims);
      service.onToken = () => service.tokens({ id_token });
      const { accessToken, names } = await client(service).refresh(CLIENT_ID, "token");
      assert.equal(accessToken, "access-1");
      assert.equal(names, undefined);
    });
  }
  await t.step("an address that is none", async () => {
    const service = new IdentityService();
    const id_token = await service.idToken({ email: "", preferred_username: "+49 151 234" });
    service.onToken = () => service.tokens({ id_token });
    const { names } = await client(service).refresh(CLIENT_ID, "token");
    assert.deepEqual(names, { tenantId: PERSONAL_TENANT_ID, objectId: OBJECT_ID });
  });
});

Deno.test("T4: refresh() takes what is not a clear refusal for temporary", async (t) => {
  const answers: Record<string, () => Response | Promise<Response>> = {
    "429": () => oauthError("temporarily_unavailable", undefined, 429),
    "500": () => json({}, 500),
    "503 with HTML": () => new Response("<h1>Sorry</h1>", { status: 503 }),
    "200 with HTML": () =>
      new Response("<h1>Sorry</h1>", { headers: { "content-type": "text/html" } }),
    "200 with broken JSON": () =>
      new Response("{", { headers: { "content-type": "application/json" } }),
    "200 without a token": () => json({ token_type: "Bearer" }),
    "a redirect": () => new Response(null, { status: 302, headers: { location: "/" } }),
    "400 without JSON": () => new Response("no", { status: 400 }),
    "400 with a transient code": () => oauthError("invalid_grant", 90033),
    "a locked account": () => oauthError("invalid_grant", 50053),
    "temporarily_unavailable": () => oauthError("temporarily_unavailable"),
    "a network error": () => Promise.reject(new TypeError("connection reset")),
  };
  for (const [name, answer] of Object.entries(answers)) {
    await t.step(name, async () => {
      const service = new IdentityService();
      service.onToken = answer;
      await assert.rejects(client(service).refresh(CLIENT_ID, "token"), (error) => {
        assert.ok(error instanceof MicrosoftError);
        assert.notEqual(error.failure, "sign-in-required");
        assert.notEqual(error.failure, "registration");
        return true;
      });
    });
  }
});

Deno.test("T4: refresh() gives up after its time-out", async () => {
  const service = new IdentityService();
  service.onToken = () => new Promise(() => {});
  const clock = new ManualClock(Date.now(), settle);
  const refused = assert.rejects(
    client(service, { clock }).refresh(CLIENT_ID, "token"),
    fails("temporary", "timeout"),
  );
  await clock.advance(8 * SECOND_MS);
  await refused;
  assert.equal(clock.timers, 0);
});

Deno.test("T5: refresh() passes Retry-After on, in seconds or as a date", async () => {
  const service = new IdentityService();
  const now = Date.parse("2026-11-22T12:00:00Z");
  const microsoft = client(service, { clock: new ManualClock(now) });
  const retryAfter = async (value: string) => {
    service.onToken = () => json({ error: "x" }, 429, { "retry-after": value });
    const error = await microsoft.refresh(CLIENT_ID, "token").catch((error) => error);
    return (error as MicrosoftError).retryAfterMs;
  };
  assert.equal(await retryAfter("17"), 17_000);
  assert.equal(await retryAfter("Sun, 22 Nov 2026 12:00:30 GMT"), 30_000);
  assert.equal(await retryAfter("soon"), undefined);
});

Deno.test("T5: refresh() knows when the owner has to sign in again", async (t) => {
  for (const number of [undefined, 70008, 700082, 50173, 50076, 53003, 70000, 999999]) {
    await t.step(String(number), async () => {
      const service = new IdentityService();
      service.onToken = () => oauthError("invalid_grant", number);
      const code = number === undefined ? "invalid_grant" : `AADSTS${number}`;
      await assert.rejects(
        client(service).refresh(CLIENT_ID, "token"),
        fails("sign-in-required", code),
      );
    });
  }
  await t.step("interaction_required", async () => {
    const service = new IdentityService();
    service.onToken = () => oauthError("interaction_required");
    await assert.rejects(client(service).refresh(CLIENT_ID, "token"), fails("sign-in-required"));
  });
});

Deno.test("refresh() blames the registration for a wrong or expired secret, not the account", async (t) => {
  const answers: Record<string, Response> = {
    AADSTS7000215: oauthError("invalid_client", 7000215, 401),
    AADSTS7000222: oauthError("invalid_client", 7000222, 401),
    AADSTS700016: oauthError("unauthorized_client", 700016),
    invalid_client: new Response('{"error":"invalid_client"}', {
      status: 401,
      headers: { "content-type": "application/json", "www-authenticate": 'Basic realm="x"' },
    }),
  };
  for (const [code, answer] of Object.entries(answers)) {
    await t.step(code, async () => {
      const service = new IdentityService();
      service.onToken = () => answer;
      await assert.rejects(client(service).refresh(CLIENT_ID, "t"), fails("registration", code));
    });
  }
});

Deno.test("refresh() says that an app registration is missing", async () => {
  const service = new IdentityService();
  const microsoft = client(service);
  assert.equal(microsoft.hasRegistration("gone"), false);
  await assert.rejects(
    microsoft.refresh("gone", "token"),
    fails("registration", "registration_missing"),
  );
  assert.equal(service.tokenRequests, 0);
});

Deno.test("K1: errors hold neither the client secret nor a token", async () => {
  const service = new IdentityService();
  service.onToken = () => oauthError("invalid_grant", 70008);
  const error = await client(service).refresh(CLIENT_ID, "the-refresh-token").catch((error) =>
    error
  );
  const shown = Deno.inspect(error, { depth: 10 }) + JSON.stringify(error) + String(error.stack);
  assert.doesNotMatch(shown, /client-secret|the-refresh-token/);
});

Deno.test("the metadata are fetched once, kept while the service is down, and renewed in time", async () => {
  const service = new IdentityService();
  const clock = new ManualClock(Date.now(), settle);
  const microsoft = client(service, { clock });
  const fetched = () => service.requests.filter((path) => path.endsWith("configuration")).length;
  await Promise.all([1, 2, 3].map(() => microsoft.refresh(CLIENT_ID, "token")));
  assert.equal(fetched(), 1);
  await clock.advance(2 * DAY_MS);
  service.onRequest = (url) => url.pathname.endsWith("configuration") ? json({}, 503) : undefined;
  await microsoft.refresh(CLIENT_ID, "token");
  await settle();
  await microsoft.refresh(CLIENT_ID, "token");
  assert.equal(fetched(), 2);
  service.onRequest = () => undefined;
  await clock.advance(DAY_MS);
  await microsoft.refresh(CLIENT_ID, "token");
  await settle();
  await microsoft.refresh(CLIENT_ID, "token");
  assert.equal(fetched(), 3);
});

Deno.test("a start while the service is down heals by itself", async () => {
  const service = new IdentityService();
  service.onRequest = () => Promise.reject(new TypeError("no route to host"));
  const microsoft = client(service);
  await assert.rejects(microsoft.authorizationUrl(REQUEST), fails("temporary"));
  service.onRequest = () => undefined;
  assert.ok(await microsoft.authorizationUrl(REQUEST));
});

Deno.test("W9: metadata that lead elsewhere are refused: no secret is sent there", async (t) => {
  const metadata = {
    issuer: `${AUTHORITY}/${PERSONAL_TENANT_ID}/v2.0`,
    authorization_endpoint: `${AUTHORITY}/authorize`,
    token_endpoint: `${AUTHORITY}/token`,
    jwks_uri: `${AUTHORITY}/keys`,
  };
  const detours = {
    token_endpoint: "https://evil.example/token",
    jwks_uri: "https://evil.example/keys",
    authorization_endpoint: undefined,
    issuer: "https://evil.example/v2.0",
  };
  for (const [name, value] of Object.entries(detours)) {
    await t.step(name, async () => {
      const service = new IdentityService();
      service.onRequest = (url) =>
        url.pathname.endsWith("configuration") ? json({ ...metadata, [name]: value }) : undefined;
      await assert.rejects(client(service).refresh(CLIENT_ID, "token"), fails("temporary"));
      assert.equal(service.tokenRequests, 0);
    });
  }
});

Deno.test("plain http is only for an identity service on this machine", () => {
  const at = (authority: string) => () => client(new IdentityService(), { authority });
  assert.throws(at("http://login.example"), TypeError);
  for (const host of ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"]) at(`http://${host}`)();
});

Deno.test("the device-code flow waits for its user and passes over hiccups", async () => {
  const service = new IdentityService();
  const clock = new ManualClock(Date.now(), settle);
  const idToken = await service.idToken();
  const device = {
    device_code: "d",
    user_code: "ABCD",
    verification_uri: "https://microsoft.com/link",
  };
  const answers = [
    json({ ...device, expires_in: 900, interval: 5 }),
    oauthError("authorization_pending", 70016),
    oauthError("slow_down"),
    json({}, 503),
    service.tokens({ id_token: idToken }),
  ];
  service.onToken = () => answers.shift()!;
  const signIn = await client(service, { clock }).beginDeviceSignIn();
  assert.equal(signIn.userCode, "ABCD");
  assert.equal(signIn.verificationUri, "https://microsoft.com/link");
  const result = signIn.wait();
  await clock.advance((5 + 5 + 10 + 15) * SECOND_MS);
  assert.equal((await result).identity.objectId, OBJECT_ID);
  assert.equal(answers.length, 0);
});

Deno.test("the device-code flow ends when it was declined or has expired", async () => {
  const service = new IdentityService();
  const clock = new ManualClock(Date.now(), settle);
  const device = {
    device_code: "d",
    user_code: "ABCD",
    verification_uri: "https://microsoft.com/link",
  };
  let pending = oauthError("authorization_pending", 70016);
  const begin = async () => {
    const answers = [json({ ...device, expires_in: 60 })];
    service.onToken = () => answers.shift() ?? pending.clone();
    return await client(service, { clock }).beginDeviceSignIn();
  };
  const expired = assert.rejects((await begin()).wait(), fails("cancelled", "expired_token"));
  await clock.advance(2 * 60 * SECOND_MS);
  await expired;

  pending = oauthError("authorization_declined");
  const declined = assert.rejects((await begin()).wait(), fails("cancelled"));
  await clock.advance(10 * SECOND_MS);
  await declined;
  assert.equal(clock.timers, 0);
});
