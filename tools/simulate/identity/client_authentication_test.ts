import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, createPrivateKey, sign, X509Certificate } from "node:crypto";
import * as oauth from "oauth4webapi";
import { rsaKeys } from "../../../lib/testing/rsa_keys.ts";
import type { CertificatePair } from "../../../smtp/mod.ts";
import { CertificateAuthority } from "../certificates.ts";
import { ManualClock } from "../../../lib/testing/manual_clock.ts";
import {
  DEMO_APPLICATION,
  IdentityProvider,
  OFFICE_APPLICATION,
  PUBLIC_APPLICATION,
} from "../identity_provider.ts";
import { refusalOf, TestClient } from "./testing.ts";
import { WorkloadPlatform } from "./workload_identity.ts";

const NORA = "nora@outlook.example";
const { id, secret } = DEMO_APPLICATION;
const CONTOSO = "contoso.example";
const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate with an RSA key, as Entra wants it. */
async function issueCertificate(keyNumber = 0, notAfter?: Date): Promise<CertificatePair> {
  const authority = await CertificateAuthority.create("Test CA");
  const notBefore = notAfter && new Date(notAfter.getTime() - 90 * DAY_MS);
  const keys = await rsaKeys(keyNumber);
  return await authority.issue({ names: ["proxy.example"], keys, notBefore, notAfter });
}

interface AssertionOptions {
  readonly alg?: "PS256" | "RS256";
  readonly thumbprint?: "x5t" | "x5t#S256";
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Signs in the way that an application with a certificate does. */
function byCertificate(
  idp: IdentityProvider,
  { key, cert }: CertificatePair,
  { alg = "PS256", thumbprint = "x5t#S256", claims = {} }: AssertionOptions = {},
): oauth.ClientAuth {
  return (_server, client, body) => {
    const { fingerprint, fingerprint256 } = new X509Certificate(cert);
    const hex = (thumbprint === "x5t" ? fingerprint : fingerprint256).replaceAll(":", "");
    const header = { alg, typ: "JWT", [thumbprint]: Buffer.from(hex, "hex").toString("base64url") };
    const nowS = Math.floor(Date.now() / 1000);
    const payload = {
      iss: client.client_id,
      sub: client.client_id,
      aud: `${idp.authority}/common/oauth2/v2.0/token`,
      jti: crypto.randomUUID(),
      ...{ nbf: nowS, exp: nowS + 600 },
      ...claims,
    };
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const signed = `${encode(header)}.${encode(payload)}`;
    const padding = alg === "PS256"
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { padding: constants.RSA_PKCS1_PADDING };
    const signature = sign("sha256", Buffer.from(signed), {
      key: createPrivateKey(key),
      ...padding,
    });
    present(body, client.client_id, `${signed}.${signature.toString("base64url")}`);
  };
}

function present(body: URLSearchParams, clientId: string, assertion: string): void {
  body.set("client_id", clientId);
  body.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  body.set("client_assertion", assertion);
}

/** Redeems a code, and refreshes. @returns the refusal, or 200. */
async function tryBoth(client: TestClient): Promise<readonly unknown[]> {
  const redeemed = await client.redeem(await client.begin({ address: NORA }));
  if (!redeemed.ok) return await refusalOf(redeemed);
  const refreshed = await client.refresh((await redeemed.json()).refresh_token);
  if (!refreshed.ok) return await refusalOf(refreshed);
  await refreshed.body?.cancel();
  return [200];
}

Deno.test("a client secret is taken by POST and by HTTP Basic, a wrong one gets AADSTS7000215", async () => {
  await using idp = await IdentityProvider.start();
  for (const auth of [oauth.ClientSecretPost(secret), oauth.ClientSecretBasic(secret)]) {
    assert.deepEqual(await tryBoth(new TestClient(idp, id, auth)), [200]);
  }
  const wrong = new TestClient(idp, id, oauth.ClientSecretPost("wrong"));
  assert.deepEqual(await tryBoth(wrong), [401, 7000215]);
});

Deno.test("a client secret ends, and its successor is good before", async () => {
  const clock = new ManualClock(Date.now());
  await using idp = await IdentityProvider.start({ clock });
  const secrets = [{ value: "old", endsAtMs: clock.now() + DAY_MS }, { value: "new" }];
  idp.applications.update(id, { secrets });
  const by = (value: string) => tryBoth(new TestClient(idp, id, oauth.ClientSecretPost(value)));
  assert.deepEqual(await by("old"), [200]);
  assert.deepEqual(await by("new"), [200]);
  await clock.advance(DAY_MS);
  assert.deepEqual(await by("old"), [401, 7000222]);
  assert.deepEqual(await by("new"), [200]);
});

Deno.test("an unknown application gets AADSTS700016, a request without one AADSTS900144", async () => {
  await using idp = await IdentityProvider.start();
  const unknown = new TestClient(idp, crypto.randomUUID());
  assert.deepEqual(await refusalOf(await unknown.refresh("any")), [400, 700016]);
  const url = `${idp.authority}/common/oauth2/v2.0/token`;
  const response = await fetch(url, { method: "POST", body: new URLSearchParams() });
  assert.deepEqual(await refusalOf(response), [400, 900144]);
});

Deno.test("a public client sends no secret, and others have to", async () => {
  await using idp = await IdentityProvider.start();
  assert.deepEqual(await tryBoth(new TestClient(idp, PUBLIC_APPLICATION.id, oauth.None())), [200]);
  const talkative = new TestClient(idp, PUBLIC_APPLICATION.id, oauth.ClientSecretPost("any"));
  assert.deepEqual(await tryBoth(talkative), [401, 700025]);
  const silent = new TestClient(idp, id, oauth.None());
  assert.deepEqual(await tryBoth(silent), [401, 7000218]);
});

Deno.test("a public client has to prove by PKCE that it has begun", async () => {
  await using idp = await IdentityProvider.start();
  const client = new TestClient(idp, PUBLIC_APPLICATION.id, oauth.None());
  const attempt = await client.begin({ address: NORA });
  const stolen = { ...attempt, verifier: oauth.generateRandomCodeVerifier() };
  assert.equal((await (await client.redeem(stolen)).json()).error, "invalid_grant");
  const without = await client.begin({ address: NORA }, {
    extra: { code_challenge: "", code_challenge_method: "" },
  });
  assert.equal(without.callback.searchParams.get("code"), null);
});

Deno.test("a certificate stands for a secret, by PS256 and RS256, x5t#S256 and x5t", async () => {
  await using idp = await IdentityProvider.start();
  const certificate = await issueCertificate();
  idp.applications.update(id, {
    certificates: [(await issueCertificate(1)).cert, certificate.cert],
  });
  for (const alg of ["PS256", "RS256"] as const) {
    for (const thumbprint of ["x5t", "x5t#S256"] as const) {
      const auth = byCertificate(idp, certificate, { alg, thumbprint });
      assert.deepEqual(await tryBoth(new TestClient(idp, id, auth)), [200], `${alg} ${thumbprint}`);
    }
  }
});

Deno.test("oauth4webapi's private_key_jwt is taken with the thumbprint and the audience that Entra wants", async () => {
  await using idp = await IdentityProvider.start();
  const { key, cert } = await issueCertificate();
  idp.applications.update(id, { certificates: [cert] });
  const pkcs8 = createPrivateKey(key).export({ type: "pkcs8", format: "der" });
  const algorithm = { name: "RSA-PSS", hash: "SHA-256" };
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
  const hex = new X509Certificate(cert).fingerprint256.replaceAll(":", "");
  // The package's type of a key is `never` under Deno's types.
  const auth = oauth.PrivateKeyJwt({ key: privateKey as never }, {
    [oauth.modifyAssertion]: (header, payload) => {
      header["x5t#S256"] = Buffer.from(hex, "hex").toString("base64url");
      payload.aud = `${idp.authority}/common/oauth2/v2.0/token`;
    },
  });
  assert.deepEqual(await tryBoth(new TestClient(idp, id, auth)), [200]);
});

Deno.test("an assertion that does not fit is refused by its cause", async (t) => {
  await using idp = await IdentityProvider.start();
  const certificate = await issueCertificate();
  const stranger = await issueCertificate(1);
  const expired = await issueCertificate(0, new Date(Date.now() - DAY_MS));
  const forged = { ...certificate, key: stranger.key };
  idp.applications.update(id, { certificates: [certificate.cert, expired.cert] });
  const nowS = Math.floor(Date.now() / 1000);
  const cases: readonly [name: string, oauth.ClientAuth, code: number][] = [
    ["an unknown certificate", byCertificate(idp, stranger), 700027],
    ["a certificate that has ended", byCertificate(idp, expired), 700027],
    ["another key's signature", byCertificate(idp, forged), 700027],
    [
      "another audience",
      byCertificate(idp, certificate, { claims: { aud: idp.authority } }),
      700023,
    ],
    ["another client", byCertificate(idp, certificate, { claims: { sub: "other" } }), 700021],
    ["too long a life", byCertificate(idp, certificate, { claims: { exp: nowS + 900 } }), 700024],
    [
      "too late",
      byCertificate(idp, certificate, { claims: { nbf: nowS - 900, exp: nowS - 400 } }),
      700024,
    ],
    ["too early", byCertificate(idp, certificate, { claims: { nbf: nowS + 400 } }), 700024],
    ["no JWT", (_server, client, body) => present(body, client.client_id, "no-jwt"), 50027],
  ];
  for (const [name, auth, code] of cases) {
    await t.step(name, async () => {
      const response = await new TestClient(idp, id, auth).refresh("any");
      assert.deepEqual(await refusalOf(response), [401, code]);
    });
  }
});

Deno.test("a workload's token stands for a secret, if the registration trusts issuer and subject", async () => {
  await using idp = await IdentityProvider.start();
  const platform = new WorkloadPlatform("https://kubernetes.example");
  const subject = "system:serviceaccount:mail:proxy";
  const federatedCredentials = [platform.credentialFor(subject)];
  idp.applications.update(OFFICE_APPLICATION.id, { federatedCredentials });
  const by = async (token: string) => {
    const auth: oauth.ClientAuth = (_server, client, body) =>
      present(body, client.client_id, token);
    const client = new TestClient(idp, OFFICE_APPLICATION.id, auth);
    const response = await client.applicationToken(CONTOSO);
    if (!response.ok) return (await refusalOf(response))[1];
    await response.body?.cancel();
    return 200;
  };
  assert.equal(await by(platform.issueToken(subject)), 200);
  const elsewhere = new WorkloadPlatform("https://ci.example");
  assert.equal(await by(elsewhere.issueToken(subject)), 700211);
  assert.equal(await by(platform.issueToken("somebody else")), 700213);
  assert.equal(await by(platform.issueToken(subject, { audience: "https://x.example" })), 700212);
  assert.equal(await by(platform.issueToken(subject, { issuedAtMs: Date.now() - DAY_MS })), 700024);
  const forger = new WorkloadPlatform(platform.issuer);
  assert.equal(await by(forger.issueToken(subject)), 700027);
});
