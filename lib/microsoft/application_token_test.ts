import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createPublicKey } from "node:crypto";
import { DAY_MS, MINUTE_MS, Secret, systemClock } from "../base/mod.ts";
import type { AppRegistration, ClientAuthentication } from "../config/mod.ts";
import { rsaKeys } from "../testing/rsa_keys.ts";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { Provider } from "../../tools/simulate/identity/oidc_provider.ts";
import { servicePrincipalId } from "../../tools/simulate/identity/token_store.ts";
import { WorkloadPlatform } from "../../tools/simulate/identity/workload_identity.ts";
import {
  IdentityProvider,
  OFFICE_APPLICATION,
  PUBLIC_APPLICATION,
} from "../../tools/simulate/identity_provider.ts";
import { tenantIdOf } from "../../tools/simulate/people.ts";
import { Microsoft, MicrosoftError, type MicrosoftFailure, readApplicationClaims } from "./mod.ts";

const CONTOSO = tenantIdOf("contoso.example");
const { id: CLIENT_ID, secret } = OFFICE_APPLICATION;
const SECRET: ClientAuthentication = { kind: "secret", secret: new Secret(secret) };
const CERTIFICATE = { kind: "certificate", certFile: "/app.crt", keyFile: "/app.key" } as const;

const authority = await CertificateAuthority.create("Test authority");

async function issue(keyNumber: number, notAfter?: Date) {
  const notBefore = notAfter && new Date(notAfter.getTime() - 90 * DAY_MS);
  const keys = await rsaKeys(keyNumber);
  return await authority.issue({ names: ["proxy.example"], keys, notBefore, notAfter });
}

/** Files that a test can change. */
class Files {
  readonly texts: Record<string, string> = {};

  readonly read = (path: string): string => {
    const text = this.texts[path];
    if (text === undefined) throw new Error("no such file");
    return text;
  };

  put({ cert, key }: { cert: string; key: string }): void {
    this.texts[CERTIFICATE.certFile] = cert;
    this.texts[CERTIFICATE.keyFile] = key;
  }
}

interface ClientOptions extends Partial<AppRegistration> {
  readonly files?: Files;
}

function client(
  identityService: string,
  { files = new Files(), ...registration }: ClientOptions = {},
): Microsoft {
  const office = { clientId: CLIENT_ID, tenant: CONTOSO, authentication: SECRET };
  const { clientId, ...rest } = { ...office, ...registration };
  return new Microsoft({
    authority: identityService,
    registrations: [{ clientId, ...rest }],
    defaultClientId: clientId,
    clock: systemClock,
    fetch,
    readFile: files.read,
  });
}

function fails(failure: MicrosoftFailure, code: string) {
  return (error: unknown) => {
    assert.ok(error instanceof MicrosoftError, String(error));
    assert.deepEqual([error.failure, error.code], [failure, code], error.message);
    return true;
  };
}

Deno.test("applicationToken() fetches a token that serves the organisation's mailboxes", async () => {
  await using idp = await IdentityProvider.start();
  const microsoft = client(idp.authority);
  const { accessToken, accessTokenExpiresAtMs } = await microsoft.applicationToken(CLIENT_ID);
  assert.deepEqual(idp.holderOf(accessToken), {
    kind: "application",
    applicationId: CLIENT_ID,
    tenantId: CONTOSO,
    maySend: true,
  });
  const lifetimeMs = accessTokenExpiresAtMs - Date.now();
  assert.ok(Math.abs(lifetimeMs - 60 * MINUTE_MS) < MINUTE_MS);
  assert.deepEqual(readApplicationClaims(accessToken), {
    servicePrincipalId: servicePrincipalId(CLIENT_ID, CONTOSO),
    maySend: true,
  });
});

Deno.test("tenantIdOf() looks an organisation up that the settings name by its domain", async () => {
  await using idp = await IdentityProvider.start();
  assert.equal(await client(idp.authority).tenantIdOf(CLIENT_ID), CONTOSO);
  const byDomain = client(idp.authority, { tenant: "contoso.example" });
  assert.equal(await byDomain.tenantIdOf(CLIENT_ID), CONTOSO);
  const { accessToken } = await byDomain.applicationToken(CLIENT_ID);
  assert.equal(idp.holderOf(accessToken)?.kind, "application");
});

Deno.test("applicationToken() is refused for groups of tenants and for public clients", async () => {
  await using idp = await IdentityProvider.start();
  for (const tenant of ["common", "organizations", "consumers"]) {
    const microsoft = client(idp.authority, { tenant });
    const refused = fails("registration", "registration_unsuitable");
    await assert.rejects(microsoft.applicationToken(CLIENT_ID), refused);
    await assert.rejects(microsoft.tenantIdOf(CLIENT_ID), refused);
    assert.equal(microsoft.registrations()[0]?.sendsForMailboxes, false);
  }
  const open = { clientId: PUBLIC_APPLICATION.id, authentication: { kind: "none" } } as const;
  const refused = fails("registration", "registration_unsuitable");
  await assert.rejects(client(idp.authority, open).applicationToken(open.clientId), refused);
  const unknown = fails("registration", "registration_missing");
  await assert.rejects(client(idp.authority).applicationToken("unknown"), unknown);
  assert.equal(idp.tokenRequests, 0);
});

Deno.test("applicationToken() tells why a secret is refused, and that consent is missing", async () => {
  await using idp = await IdentityProvider.start();
  const microsoft = client(idp.authority);
  idp.applications.update(CLIENT_ID, { sendAsAppTenants: [] });
  const { accessToken } = await microsoft.applicationToken(CLIENT_ID);
  assert.equal(readApplicationClaims(accessToken)?.maySend, false);
  idp.applications.update(CLIENT_ID, { secrets: [{ value: secret, endsAtMs: 1 }] });
  await assert.rejects(
    microsoft.applicationToken(CLIENT_ID),
    fails("registration", "AADSTS7000222"),
  );
});

Deno.test("a certificate takes the place of a secret, and its files are read anew when they change", async () => {
  await using idp = await IdentityProvider.start();
  const files = new Files();
  const microsoft = client(idp.authority, { authentication: CERTIFICATE, files });
  const token = () => microsoft.applicationToken(CLIENT_ID);
  await assert.rejects(token(), fails("registration", "credential_unusable"));
  assert.match(microsoft.registrations()[0]!.problem!.message, /cannot prove itself/);

  const first = await issue(0);
  files.put(first);
  idp.applications.update(CLIENT_ID, { secrets: [], certificates: [first.cert] });
  assert.ok(idp.holderOf((await token()).accessToken));

  const second = await issue(1, new Date("2040-01-01T00:00:00Z"));
  files.texts[CERTIFICATE.certFile] = second.cert;
  assert.ok(idp.holderOf((await token()).accessToken), "half a pair: the former one stays in use");
  delete files.texts[CERTIFICATE.keyFile];
  assert.ok(idp.holderOf((await token()).accessToken), "no key: the former one stays in use");

  files.put(second);
  await assert.rejects(token(), fails("registration", "AADSTS700027"));
  idp.applications.update(CLIENT_ID, { certificates: [second.cert] });
  assert.ok(idp.holderOf((await token()).accessToken));
  assert.equal(microsoft.registrations()[0]?.endsAtMs, Date.parse("2040-01-01T00:00:00Z"));
});

Deno.test("K1: an unusable certificate or token file is named, and quoted nowhere", () => {
  const files = new Files();
  files.put({ cert: "hunter2", key: "hunter3" });
  const microsoft = client("https://login.example", { authentication: CERTIFICATE, files });
  const { explanation, message } = microsoft.registrations()[0]!.problem!;
  assert.match(explanation.cause, /\/app\.crt and \/app\.key .* cannot be used/);
  assert.ok(!/hunter/.test(message + explanation.cause));
});

Deno.test("the token of a workload is read from its file for each request", async () => {
  await using idp = await IdentityProvider.start();
  const platform = new WorkloadPlatform("https://platform.example");
  idp.applications.update(CLIENT_ID, {
    secrets: [],
    federatedCredentials: [platform.credentialFor("proxy")],
  });
  const files = new Files();
  const authentication = { kind: "token-file", tokenFile: "/token" } as const;
  const microsoft = client(idp.authority, { authentication, files });
  const token = () => microsoft.applicationToken(CLIENT_ID);
  await assert.rejects(token(), fails("registration", "credential_unusable"));
  files.texts["/token"] = " \n";
  await assert.rejects(token(), fails("registration", "credential_unusable"));
  files.texts["/token"] = `${platform.issueToken("proxy")}\n`;
  assert.ok(idp.holderOf((await token()).accessToken));
  files.texts["/token"] = platform.issueToken("another");
  await assert.rejects(token(), fails("registration", "AADSTS700213"));
});

Deno.test("oidc-provider takes our client credentials and our private_key_jwt as well", async () => {
  const pair = await issue(0);
  await using peer = await openPeer(pair.cert);
  const files = new Files();
  files.put(pair);
  for (const authentication of [SECRET, CERTIFICATE]) {
    const clientId = `by-${authentication.kind}`;
    const microsoft = client(peer.authority, { clientId, authentication, files });
    const { accessToken } = await microsoft.applicationToken(clientId);
    assert.notEqual(accessToken, "");
  }
  files.put(await issue(1));
  const stranger = client(peer.authority, {
    clientId: "by-certificate",
    authentication: CERTIFICATE,
    files,
  });
  await assert.rejects(
    stranger.applicationToken("by-certificate"),
    fails("registration", "invalid_client"),
  );
});

/** An OpenID provider of npm's oidc-provider, at the addresses that Microsoft's has. */
async function openPeer(cert: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = createServer().listen(0, "localhost", resolve);
  await promise;
  const { port } = server.address() as { port: number };
  const authority = `http://localhost:${port}`;
  const path = `/${CONTOSO}/v2.0`;
  const jwk = createPublicKey(cert).export({ format: "jwk" });
  const machine = {
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    scope: "https://outlook.office365.com/.default",
  };
  const provider = new Provider(authority + path, {
    scopes: [machine.scope],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    clients: [
      {
        ...machine,
        client_id: "by-secret",
        client_secret: secret,
        token_endpoint_auth_method: "client_secret_post",
      },
      {
        ...machine,
        client_id: "by-certificate",
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "PS256",
        jwks: { keys: [{ ...jwk, use: "sig" }] } as never,
      },
    ],
  });
  server.on("request", (request, response) => {
    Object.assign(request, { originalUrl: request.url });
    request.url = request.url!.slice(path.length);
    void provider.callback()(request, response);
  });
  return {
    authority,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
