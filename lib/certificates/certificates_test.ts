import assert from "node:assert/strict";
import {
  CertificateAuthority,
  type CertificateRequest,
} from "../../tools/simulate/certificates.ts";
import {
  chainProblem,
  coversHost,
  EXPIRY_WARNING_MS,
  parseCertificate,
  validityProblem,
} from "./certificates.ts";

const authority = await CertificateAuthority.create("Test authority");
const issue = (changes: Partial<CertificateRequest> = {}) =>
  authority.issue({ names: ["smtp.example.com", "192.0.2.1"], ...changes });

Deno.test("parseCertificate() reads a chain and knows its end", async () => {
  const notAfter = new Date("2099-01-01T00:00:00Z");
  const pair = await issue({ notAfter });
  const cert = `Some text\n${pair.cert}${authority.certificate}`;
  const parsed = parseCertificate({ ...pair, cert });
  assert.equal(parsed.chain.length, 2);
  assert.equal(parsed.expiresAtMs, notAfter.getTime());
});

Deno.test("parseCertificate() rejects what is no pair, without quoting it", async () => {
  const [pair, other] = [await issue(), await issue()];
  assert.throws(
    () => parseCertificate({ ...pair, key: other.key }),
    /no certificate in the file belongs to the private key/,
  );
  assert.throws(() => parseCertificate({ ...pair, key: "secret text" }), {
    message: "the key file holds no usable private key",
  });
  assert.throws(() => parseCertificate({ ...pair, cert: "" }), /holds no usable certificate/);
  const damaged = pair.cert.replace(/\n..../, "\nAAAA");
  assert.throws(() => parseCertificate({ ...pair, cert: damaged }), {
    message: "the certificate file holds no usable certificate",
  });
});

Deno.test("coversHost() compares names and addresses", async () => {
  const certificate = parseCertificate(await issue());
  assert.ok(coversHost(certificate, "smtp.example.com"));
  assert.ok(coversHost(certificate, "192.0.2.1"));
  assert.ok(!coversHost(certificate, "mail.example.com"));
  assert.ok(!coversHost(certificate, "192.0.2.2"));
});

Deno.test("validityProblem() tells of the end early, and of its having come", async () => {
  const notBefore = new Date("2026-01-01T00:00:00Z");
  const notAfter = new Date("2026-04-01T00:00:00Z");
  const certificate = parseCertificate(await issue({ notBefore, notAfter }));
  const problemAt = (timeMs: number) => validityProblem(certificate, timeMs);
  assert.equal(problemAt(notAfter.getTime() - EXPIRY_WARNING_MS), undefined);
  const early = problemAt(notAfter.getTime() - EXPIRY_WARNING_MS + 1);
  assert.deepEqual([early?.serious, early?.message], [false, "it expires on 2026-04-01"]);
  const late = problemAt(notAfter.getTime());
  assert.deepEqual([late?.serious, late?.message], [true, "it expired on 2026-04-01"]);
  assert.match(problemAt(notBefore.getTime() - 1)?.message ?? "", /not valid before/);
});

Deno.test("chainProblem() finds a chain that ends too early, is out of order, or is self-signed", async () => {
  const roots = [authority.certificate];
  const pair = await issue();
  const problemOf = (cert: string, known: readonly string[] | undefined = roots) =>
    chainProblem(parseCertificate({ ...pair, cert }), known)?.message;
  assert.equal(problemOf(pair.cert), undefined);
  assert.equal(problemOf(pair.cert + authority.certificate), undefined);
  assert.match(problemOf(pair.cert, []) ?? "", /CN=Test authority.* is not a well-known authority/);
  const stranger = (await CertificateAuthority.create("Stranger")).certificate;
  assert.match(problemOf(pair.cert + stranger) ?? "", /certificate 2 .* did not issue/);
});

Deno.test("chainProblem() suspects a missing intermediate where the roots are not known", async () => {
  const pair = await issue();
  const problem = chainProblem(parseCertificate(pair), undefined);
  assert.match(problem?.remedy ?? "", /intermediate certificate is missing/);
  const complete = { ...pair, cert: pair.cert + authority.certificate };
  assert.equal(chainProblem(parseCertificate(complete), undefined), undefined);
});
