import assert from "node:assert/strict";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { parseCertificateFiles } from "./certificate.ts";
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
  assert.match(problems[0]!.message, /does not belong to the private key/);
});

Deno.test("K1: parseCertificateFiles() rejects files that are no PEM, without showing them", () => {
  const { problems } = parse({ "key.pem": "hunter2", "cert.pem": key });
  assert.deepEqual(problems.map(({ variable, message }) => [variable, message]), [
    ["SMTP_KEY_FILE", "the key file holds no usable private key."],
    ["SMTP_CERT_FILE", "the certificate file holds no usable certificate."],
  ]);
});
