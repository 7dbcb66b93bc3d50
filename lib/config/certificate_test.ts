import assert from "node:assert/strict";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { checkPair, parseCertificateFiles } from "./certificate.ts";
import { SettingsReader } from "./reader.ts";

const ca = await CertificateAuthority.create("Test CA");
const { key, cert } = await ca.issue({ names: ["smtp.example.com"] });
const other = await ca.issue({ names: ["smtp.example.com"] });

function parse(files: Readonly<Record<string, string>>) {
  const env = { SMTP_KEY_FILE: "key.pem", SMTP_CERT_FILE: "cert.pem" };
  const settings = new SettingsReader(env, (path) => files[path] ?? "");
  const certificate = parseCertificateFiles(settings, "SMTP_KEY_FILE", "SMTP_CERT_FILE");
  return { certificate, problems: settings.problems };
}

Deno.test("parseCertificateFiles() accepts a chain and its key", () => {
  const { certificate, problems } = parse({ "key.pem": key, "cert.pem": cert + ca.certificate });
  assert.deepEqual(problems, []);
  assert.deepEqual(certificate, { keyFile: "key.pem", certFile: "cert.pem" });
});

Deno.test("parseCertificateFiles() rejects a key of another certificate", () => {
  const { problems } = parse({ "key.pem": other.key, "cert.pem": cert });
  assert.deepEqual(problems.map(({ variable }) => variable), ["SMTP_CERT_FILE"]);
  assert.match(problems[0]!.message, /belongs to the private key/);
});

Deno.test("K1: parseCertificateFiles() rejects files that are no PEM, without showing them", () => {
  const { problems } = parse({ "key.pem": "hunter2", "cert.pem": key });
  assert.deepEqual(problems.map(({ variable, message }) => [variable, message]), [
    ["SMTP_KEY_FILE", "the key file holds no usable private key."],
    ["SMTP_CERT_FILE", "the certificate file holds no usable certificate."],
  ]);
});

Deno.test("parseCertificateFiles() takes one file with key and chain, in any order", () => {
  const file = `\uFEFFBag Attributes\r\n${ca.certificate}${cert}${key}`.replaceAll("\n", "\r\n");
  for (const name of ["SMTP_KEY_FILE", "SMTP_CERT_FILE"]) {
    const settings = new SettingsReader({ [name]: "all.pem" }, () => file);
    const found = parseCertificateFiles(settings, "SMTP_KEY_FILE", "SMTP_CERT_FILE");
    assert.deepEqual(settings.problems, []);
    assert.deepEqual(found, { keyFile: "all.pem", certFile: "all.pem" });
  }
});

Deno.test("parseCertificateFiles() names the half that one file lacks", () => {
  for (
    const [given, text, lacking] of [
      ["SMTP_CERT_FILE", cert, "SMTP_KEY_FILE"],
      ["SMTP_KEY_FILE", key, "SMTP_CERT_FILE"],
    ] as const
  ) {
    const settings = new SettingsReader({ [given]: "half.pem" }, () => text);
    parseCertificateFiles(settings, "SMTP_KEY_FILE", "SMTP_CERT_FILE");
    assert.deepEqual(settings.problems.map(({ variable }) => variable), [lacking]);
  }
});

Deno.test("checkPair() puts the chain in order and drops everything else", () => {
  const { pair, chain } = checkPair({
    key: `EC PARAMETERS follow\r\n${key}`,
    cert: `\uFEFFsubject=CA\r\n${ca.certificate}subject=server\r\n${cert}`,
  });
  assert.deepEqual(pair, { key, cert: cert + ca.certificate });
  assert.equal(chain[0]!.subject, "CN=smtp.example.com");
});

const KEYS = new URL("./testdata/keys/", import.meta.url);

/** Keys that people have, each with what is said of it. */
const UNUSABLE: Readonly<Record<string, RegExp>> = {
  "secp256k1": /an ECDSA key on the curve secp256k1, which the TLS library cannot use/,
  "brainpool": /an ECDSA key on an unusual curve, which the TLS library cannot use/,
  "ed448": /a key of the type ED448, which the TLS library cannot use/,
  "dsa": /a key of the type DSA, which the TLS library cannot use/,
  "rsa1024": /an RSA key of 1024 bits, which the TLS library cannot use/,
  "rsa_pss": /a key of the type RSA-PSS, which the TLS library cannot use/,
  "encrypted_pkcs8": /encrypted with a passphrase/,
  "encrypted_pkcs1": /encrypted with a passphrase/,
  "openssh": /is one for SSH/,
};

for (const [name, message] of Object.entries(UNUSABLE)) {
  Deno.test(`checkPair() says why it refuses ${name}`, async () => {
    const text = await Deno.readTextFile(new URL(`${name}.pem`, KEYS));
    const { faults } = checkPair({ key: text, cert });
    assert.deepEqual(faults.map(({ file }) => file), ["key"]);
    assert.match(faults[0]!.message, message);
  });
}

Deno.test("checkPair() takes keys in their older forms", async () => {
  for (const name of ["sec1", "pkcs1", "p384", "ed25519"]) {
    const text = await Deno.readTextFile(new URL(`${name}.pem`, KEYS));
    const messages = checkPair({ key: text, cert }).faults.map(({ message }) => message);
    // The key is usable, and is not that of the certificate.
    assert.deepEqual(messages, ["no certificate in the file belongs to the private key"], name);
  }
});

Deno.test("checkPair() says that a file is binary", () => {
  const { faults } = checkPair({ key: "0\uFFFD\0x", cert: "0\uFFFD\0x" });
  assert.deepEqual(faults.map(({ message }) => /not PEM text but binary/.test(message)), [
    true,
    true,
  ]);
});
