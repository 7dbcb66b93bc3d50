import assert from "node:assert/strict";
import { parseConfig } from "./config.ts";
import { ConfigError } from "./reader.ts";

const MINIMAL = {
  APP_SECRETS: "app-1:secret-1",
  SESSION_SECRET: "0123456789abcdef0123456789abcdef",
  SMTP_PUBLIC_HOST: "mail.example.com",
  SMTP_TLS_PORT: "465",
  SMTP_STARTTLS_PORT: "587",
};

function parse(env: Record<string, string>) {
  return parseConfig({ ...MINIMAL, ...env }, () => "");
}

function problems(env: Record<string, string>): readonly string[] {
  try {
    parse(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems.map(({ variable, message }) => `${variable} ${message}`);
  }
}

Deno.test("parseConfig() needs nothing but ACME_EMAIL for certificates", () => {
  const config = parse({ ACME_EMAIL: "you@example.com", SQLITE_PATH: "/var/lib/x/db.sqlite" });
  const file = "/var/lib/x/acme/certificate.pem";
  assert.deepEqual(config.automaticCertificate, {
    folder: "/var/lib/x/acme",
    files: { keyFile: file, certFile: file },
    names: ["mail.example.com"],
    acme: {
      directoryUrl: "https://acme-v02.api.letsencrypt.org/directory",
      email: "you@example.com",
      binding: undefined,
    },
  });
  assert.equal(config.smtp.certificate?.certFile, file);
  assert.equal(config.http.certificate?.keyFile, file);
  assert.deepEqual([config.http.ports, config.http.redirectPort], [[443], 80]);
  assert.equal(config.publicUrl, "https://mail.example.com");
  assert.ok(!config.smtp.ownAuthority);
});

Deno.test("parseConfig() takes ACME=on without an address, and all names", () => {
  const PUBLIC_URL = "https://Pages.example.com:8443";
  const config = parse({ ACME: "on", PUBLIC_URL, HTTP_PORT: "8443,8444" });
  assert.deepEqual(config.automaticCertificate?.names, ["mail.example.com", "pages.example.com"]);
  assert.deepEqual(config.http.ports, [8443, 8444]);
});

Deno.test("parseConfig() lets ACME=off stand against ACME_EMAIL", () => {
  assert.deepEqual(
    problems({ ACME: "off", ACME_EMAIL: "you@example.com" }).map((text) => text.split(" ")[0]),
    ["SMTP_KEY_FILE", "SMTP_CERT_FILE"],
  );
});

Deno.test("parseConfig() keeps the HMAC key of an external account binding secret", () => {
  const binding = { ACME_EAB_KEY_ID: "kid-1", ACME_EAB_HMAC_KEY: "zWNDZM6eQGHWpSRTPal5" };
  const config = parse({ ACME: "on", ...binding });
  assert.equal(config.automaticCertificate?.acme?.binding?.keyId, "kid-1");
  assert.ok(!JSON.stringify(config).includes(binding.ACME_EAB_HMAC_KEY));
  assert.deepEqual(problems({ ACME: "on", ACME_EAB_KEY_ID: "kid-1" }), [
    "ACME_EAB_HMAC_KEY is required, since ACME_EAB_KEY_ID is set.",
  ]);
  const [problem = ""] = problems({ ACME: "on", ...binding, ACME_EAB_HMAC_KEY: "a secret!" });
  assert.match(problem, /the value.* is not a key in base64url/);
});

Deno.test("parseConfig() asks for public names where ACME is on", () => {
  for (const name of ["localhost", "nas", "192.0.2.1"]) {
    const [problem = ""] = problems({ ACME: "on", SMTP_PUBLIC_HOST: name });
    assert.match(problem, /^SMTP_PUBLIC_HOST .* is not a public name, and ACME needs one/);
  }
});

Deno.test("parseConfig() rejects settings of certificates that have no effect", () => {
  assert.match(problems({ ACME: "on", OWN_CA: "on" })[0] ?? "", /^OWN_CA excludes ACME/);
  const details = { OWN_CA: "on", ACME_DIRECTORY_URL: "https://ca.example/dir" };
  assert.match(problems(details)[0] ?? "", /^ACME_DIRECTORY_URL has no effect without ACME/);
  const redirect = { SMTP_TLS_PORT: "", SMTP_STARTTLS_PORT: "", SMTP_PORT: "25" };
  assert.match(
    problems({ ...redirect, HTTP_REDIRECT_PORT: "80" })[0] ?? "",
    /^HTTP_REDIRECT_PORT has no effect without HTTPS/,
  );
});

Deno.test("parseConfig() serves everything with an authority of its own", () => {
  const config = parse({ OWN_CA: "on", SMTP_PUBLIC_HOST: "192.168.1.10" });
  assert.deepEqual(config.automaticCertificate?.names, ["192.168.1.10"]);
  assert.equal(config.automaticCertificate?.acme, undefined);
  assert.ok(config.smtp.ownAuthority);
  assert.deepEqual([config.http.ports, config.http.redirectPort], [[3000], undefined]);
  assert.equal(config.publicUrl, "https://192.168.1.10:3000");
});

Deno.test("parseConfig() keeps plain ports to private networks beside an authority of its own", () => {
  const { smtp: { plainClients }, warnings } = parse({ OWN_CA: "on", SMTP_PORT: "25" });
  assert.deepEqual(
    ["192.168.1.2", "127.0.0.1", "fd00::1", "192.0.2.1", "2001:db8::1"]
      .filter((address) => plainClients?.includes(address)),
    ["192.168.1.2", "127.0.0.1", "fd00::1"],
  );
  assert.match(
    warnings.map(({ message }) => message).join("\n"),
    /^Port 25 takes app passwords .* private addresses only/m,
  );
  assert.equal(parse({ ACME: "on", SMTP_PORT: "25" }).smtp.plainClients, undefined);
});

Deno.test("parseConfig() redirects from port 80 where HTTPS is on port 443", () => {
  const OWN_CA = { OWN_CA: "on" };
  const redirectOf = (env: Record<string, string>) => {
    const { redirectPort, isRedirectOptional = false } = parse({
      ...{ SMTP_TLS_PORT: "", SMTP_STARTTLS_PORT: "", SMTP_PORT: "25" },
      ...env,
    }).http;
    return [redirectPort, isRedirectOptional];
  };
  assert.deepEqual(redirectOf({ ...OWN_CA, HTTP_PORT: "443" }), [80, true]);
  assert.deepEqual(redirectOf({ ACME: "on" }), [80, false]);
  assert.deepEqual(redirectOf({ ACME: "on", HTTP_REDIRECT_PORT: "" }), [80, false]);
  assert.deepEqual(
    redirectOf({ ...OWN_CA, HTTP_PORT: "443", HTTP_REDIRECT_PORT: "8080" }),
    [8080, false],
  );
  for (
    const env of [
      { ...OWN_CA, HTTP_PORT: "443", HTTP_REDIRECT_PORT: "" },
      { ...OWN_CA, HTTP_PORT: "443,80" },
      { ...OWN_CA, HTTP_PORT: "3000" },
      { HTTP_PORT: "443" },
    ]
  ) assert.deepEqual(redirectOf(env), [undefined, false]);
});
