import assert from "node:assert/strict";
import { Secret } from "../base/mod.ts";
import { rsaKeys } from "../testing/rsa_keys.ts";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { type Environment, SettingsReader } from "./reader.ts";
import { parseDefaultClientId, parseRegistrations, registrationFiles } from "./registrations.ts";

const TENANT = "22222222-2222-4222-8222-222222222222";

const authority = await CertificateAuthority.create("Test authority");

async function createPair(keyNumber = 0) {
  return await authority.issue({ names: ["proxy.example"], keys: await rsaKeys(keyNumber) });
}

function parse(environment: Environment, files: Readonly<Record<string, string>> = {}) {
  const reader = new SettingsReader(environment, (path) => {
    const text = files[path];
    if (text === undefined) throw new Error("no such file");
    return text;
  });
  const registrations = parseRegistrations(reader, "common");
  const defaultClientId = parseDefaultClientId(reader, registrations, "common");
  const problems = reader.problems.map(({ variable, message }) => `${variable} ${message}`);
  return { registrations, defaultClientId, problems };
}

Deno.test("parseRegistrations() reads each way in which a registration proves itself", async () => {
  const pair = await createPair();
  const { registrations, problems } = parse({
    APP_SECRETS: `{a:x, b@${TENANT.toUpperCase()}:y}`,
    APP_SECRET_EXPIRES: "b:2028-11-30",
    APP_CERT_FILES: "c@contoso.example:/c.crt",
    APP_KEY_FILES: "c:/c.key",
    APP_TOKEN_FILES: "d:/run/token",
    APP_PUBLIC_IDS: "e, f@contoso.example",
  }, { "/c.crt": pair.cert, "/c.key": pair.key });
  assert.deepEqual(problems, []);
  assert.deepEqual(registrations, [
    {
      clientId: "a",
      tenant: "common",
      authentication: { kind: "secret", secret: new Secret("x"), expiresAtMs: undefined },
    },
    {
      clientId: "b",
      tenant: TENANT,
      authentication: {
        kind: "secret",
        secret: new Secret("y"),
        expiresAtMs: Date.parse("2028-11-30T00:00:00Z"),
      },
    },
    {
      clientId: "c",
      tenant: "contoso.example",
      authentication: { kind: "certificate", certFile: "/c.crt", keyFile: "/c.key" },
    },
    {
      clientId: "d",
      tenant: "common",
      authentication: { kind: "token-file", tokenFile: "/run/token" },
    },
    { clientId: "e", tenant: "common", authentication: { kind: "none" } },
    { clientId: "f", tenant: "contoso.example", authentication: { kind: "none" } },
  ]);
});

Deno.test("parseDefaultClientId() prefers a registration that people of any organisation may use", () => {
  assert.equal(parse({ APP_SECRETS: `a@${TENANT}:x,b:y` }).defaultClientId, "b");
  assert.equal(parse({ APP_SECRETS: `a@${TENANT}:x` }).defaultClientId, "a");
  const chosen = parse({ APP_SECRETS: `a@${TENANT}:x,b:y`, DEFAULT_APP_ID: "a" });
  assert.equal(chosen.defaultClientId, "a");
});

Deno.test("parseRegistrations() needs a registration, but no secret", () => {
  assert.deepEqual(parse({}).problems, ["APP_SECRETS is required."]);
  assert.deepEqual(parse({ APP_PUBLIC_IDS: "a" }).problems, []);
});

Deno.test("parseRegistrations() rejects entries that do not fit together", async () => {
  const rsa = await createPair();
  const other = await createPair(1);
  const elliptic = await authority.issue({ names: ["proxy.example"] });
  const files = {
    "/a.crt": rsa.cert,
    "/a.key": rsa.key,
    "/b.key": other.key,
    "/e.crt": elliptic.cert,
    "/e.key": elliptic.key,
  };
  const rejected: [Environment, string][] = [
    [{ APP_SECRETS: "a@consumers:x" }, 'APP_SECRETS "consumers" is not the tenant of one'],
    [{ APP_SECRETS: "a@:x" }, 'APP_SECRETS "" is not the tenant of one organisation.'],
    [{ APP_SECRETS: "a:x", APP_PUBLIC_IDS: "a" }, 'APP_PUBLIC_IDS "a" appears twice.'],
    [{ APP_SECRETS: "a:x", APP_SECRET_EXPIRES: "b:2028-11-30" }, '"b" is not in APP_SECRETS.'],
    [{ APP_SECRETS: "a:x", APP_SECRET_EXPIRES: "a:30.11.2028" }, '"30.11.2028" is not a date.'],
    [{ APP_SECRETS: "a:x", APP_SECRET_EXPIRES: "a:2028-13-30" }, '"2028-13-30" is not a date.'],
    [{ APP_SECRETS: "a:x", APP_SECRET_EXPIRES: "a:2028-02-31" }, '"2028-02-31" is not a date.'],
    [{ APP_CERT_FILES: "a:/a.crt" }, 'APP_KEY_FILES has no file for "a".'],
    [{ APP_KEY_FILES: "a:/a.key" }, 'APP_CERT_FILES has no file for "a".'],
    [{ APP_CERT_FILES: "a:/no", APP_KEY_FILES: "a:/a.key" }, 'the file "/no" cannot be read'],
    [{ APP_CERT_FILES: "a:/a.crt", APP_KEY_FILES: "a:/b.key" }, "belongs to the private key"],
    [{ APP_CERT_FILES: "a:/e.crt", APP_KEY_FILES: "a:/e.key" }, "is not an RSA key."],
  ];
  for (const [environment, problem] of rejected) {
    const { problems } = parse(environment, files);
    assert.equal(problems.length, 1, problems.join("; "));
    assert.ok(problems[0]!.includes(problem), problems.join());
  }
});

Deno.test("registrationFiles() names every file that has to be read", () => {
  const environment = {
    APP_CERT_FILES: "a:/a.crt,b:/b.crt",
    APP_KEY_FILES: "a:/a.key",
    APP_TOKEN_FILES: "broken",
  };
  assert.deepEqual(registrationFiles(environment), ["/a.crt", "/b.crt", "/a.key"]);
});
