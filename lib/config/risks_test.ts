import assert from "node:assert/strict";
import { parseConfig } from "./config.ts";

const SAFE = {
  APP_SECRETS: "app-1:secret-1",
  SESSION_SECRET: "0123456789abcdef0123456789abcdef",
  SMTP_PUBLIC_HOST: "smtp.example.com",
  SMTP_PORT: "2525",
  SMTP_HOST: "10.0.0.1,::1",
  HTTP_HOST: "localhost",
  ALLOWED_DOMAINS_LIST: "example.com",
};

function settingsAtRisk(changes: Record<string, string | undefined>): string[] {
  const environment = { ...SAFE, ...changes };
  return parseConfig(environment, () => "").warnings.map(({ variable }) => variable);
}

const CASES: readonly [name: string, changes: Record<string, string | undefined>, string[]][] = [
  ["finds none in safe settings", {}, []],
  ["warns of plain ports on public addresses", { SMTP_HOST: "" }, ["SMTP_PORT"]],
  ["warns of plain ports on one public address", { SMTP_HOST: "127.0.0.1,192.0.2.1" }, [
    "SMTP_PORT",
  ]],
  [
    "takes plain ports behind a proxy for safe",
    { SMTP_HOST: "", SMTP_PROXY_PROTOCOL: "required", TRUST_PROXY: "10.0.0.0/8" },
    [],
  ],
  ["takes private networks whose addresses stand for a login", {
    SMTP_LOGIN_BY_ADDRESS: "uniquelocal",
  }, []],
  ["warns of public networks whose addresses stand for a login", {
    SMTP_LOGIN_BY_ADDRESS: "192.0.2.0/24,public",
  }, ["SMTP_LOGIN_BY_ADDRESS"]],
  ["warns when anyone may register", { ALLOWED_DOMAINS_LIST: undefined }, ["ALLOWED_EMAILS_LIST"]],
  [
    "does not ask for filters where only one organisation signs in",
    { ALLOWED_DOMAINS_LIST: undefined, MICROSOFT_TENANT: "contoso.example" },
    [],
  ],
  ["warns of pages without encryption", { HTTP_HOST: "" }, ["HTTPS_CERT_FILE"]],
  ["trusts a web proxy to add encryption", { HTTP_HOST: "", TRUST_PROXY: "loopback" }, []],
  ["warns of public metrics", { METRICS_PORT: "9090", METRICS_HOST: "" }, ["METRICS_HOST"]],
  ["lets metrics be on private addresses", { METRICS_PORT: "9090", METRICS_HOST: "10.1.2.3" }, []],
];

for (const [name, changes, expected] of CASES) {
  Deno.test(`parseConfig() ${name}`, () => assert.deepEqual(settingsAtRisk(changes), expected));
}

Deno.test("risksOf() sees that an example's secret was not replaced", () => {
  for (const secret of ['""', "secret", "value-of-the-secret"]) {
    assert.ok(
      settingsAtRisk({ APP_SECRETS: `application-id:${secret}` }).includes("APP_SECRETS"),
      secret,
    );
  }
  assert.ok(!settingsAtRisk({ APP_SECRETS: "application-id:W3q8~x" }).includes("APP_SECRETS"));
});

Deno.test("risksOf() doubts a secret that cannot be one, and does not show it", () => {
  const doubts = {
    "01234567-89ab-cdef-0123-456789abcdef": /the ID of a client secret in the place of its value/,
    "W3q8~x # until 2028": /white space/,
    "'W3q8~x'": /in quotes/,
  };
  for (const [secret, expected] of Object.entries(doubts)) {
    const settings = { ...SAFE, APP_SECRETS: `application-id:${secret}` };
    const [warning] = parseConfig(settings, () => "").warnings;
    assert.match(warning?.message ?? "", expected);
    assert.ok(!warning?.message.includes(secret));
  }
});
