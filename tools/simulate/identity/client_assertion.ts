/**
 * Client assertions (RFC 7523): signed by the registration's certificate, or issued to a workload elsewhere.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { constants, createPublicKey, type KeyObject, verify, X509Certificate } from "node:crypto";
import type { Application } from "./applications.ts";
import { RefusedRequest } from "../troubles/microsoft_errors.ts";

/** `client_assertion_type` (RFC 7523 section 2.2). */
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** The audience of tokens that replace a secret. */
export const WORKLOAD_AUDIENCE = "api://AzureADTokenExchange";

/** Entra accepts only short-lived assertions of clients. */
const MAX_LIFETIME_S = 600;
const CLOCK_TOLERANCE_S = 300;
const HASHES = { "x5t": "sha1", "x5t#S256": "sha256" } as const;

interface Assertion {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** The endpoint and the time of an assertion's use. */
export interface Presentation {
  /** Address of the token endpoint. */
  readonly endpoint: string;
  readonly nowMs: number;
}

/** Returns the client in an assertion that the client has signed itself: claim `sub`, not verified. */
export function clientIdIn(assertion: string): string | undefined {
  const { iss, sub } = parse(assertion).claims;
  return typeof sub === "string" && sub === iss ? sub : undefined;
}

/** Verifies that an assertion comes from an application. @throws {RefusedRequest} if not. */
export function checkAssertion(
  application: Application,
  text: string,
  presentation: Presentation,
): void {
  const assertion = parse(text);
  const isOwn = assertion.claims.iss === application.id ||
    application.federatedCredentials.length === 0;
  if (isOwn) checkOwn(application, assertion, presentation.endpoint);
  else checkWorkload(application, assertion);
  checkTimes(assertion, presentation.nowMs, isOwn ? MAX_LIFETIME_S : Infinity);
  if (isOwn) checkCertificateEnd(application, assertion, presentation.nowMs);
}

function checkOwn(application: Application, assertion: Assertion, endpoint: string): void {
  const { header, claims } = assertion;
  const certificate = certificateOf(application, header);
  if (!certificate) throw unsigned("The key was not found.", header);
  if (!isSignedBy(certificate.publicKey, assertion, ["RS256", "PS256"])) {
    throw unsigned("The provided signature value did not match the expected value.", header);
  }
  if (claims.iss !== application.id || claims.sub !== application.id) {
    throw new RefusedRequest("AADSTS700021");
  }
  if (claims.aud !== endpoint) throw new RefusedRequest("AADSTS700023");
}

function checkWorkload({ federatedCredentials }: Application, assertion: Assertion): void {
  const { iss, sub, aud } = assertion.claims;
  const ofIssuer = federatedCredentials.filter(({ issuer }) => issuer === iss);
  if (ofIssuer.length === 0) throw new RefusedRequest("AADSTS700211", { issuer: String(iss) });
  const credential = ofIssuer.find(({ subject }) => subject === sub);
  if (!credential) throw new RefusedRequest("AADSTS700213", { subject: String(sub) });
  if (aud !== WORKLOAD_AUDIENCE) {
    throw new RefusedRequest("AADSTS700212", { audience: String(aud) });
  }
  const key = createPublicKey({ key: credential.key, format: "jwk" });
  if (!isSignedBy(key, assertion, ["RS256"])) {
    throw unsigned("The provided signature value did not match the expected value.", {});
  }
}

function checkTimes({ claims }: Assertion, nowMs: number, maxLifetimeS: number): void {
  const nowS = nowMs / 1000;
  const { exp, nbf, iat } = claims;
  const start = [nbf, iat].find((time) => typeof time === "number") ?? nowS;
  const isInTime = typeof exp === "number" && exp + CLOCK_TOLERANCE_S > nowS &&
    start - CLOCK_TOLERANCE_S < nowS && exp - start <= maxLifetimeS;
  if (!isInTime) throw new RefusedRequest("AADSTS700024");
}

function checkCertificateEnd(application: Application, { header }: Assertion, nowMs: number): void {
  const { validTo } = certificateOf(application, header)!;
  if (Date.parse(validTo) <= nowMs) throw unsigned("The key used is expired.", header);
}

function certificateOf(
  { certificates }: Application,
  header: Assertion["header"],
): X509Certificate | undefined {
  const known = certificates.map((pem) => new X509Certificate(pem));
  return known.find((one) =>
    Object.keys(HASHES).some((name) =>
      header[name] !== undefined && header[name] === thumbprint(one, name as keyof typeof HASHES)
    )
  );
}

/** Returns the thumbprint of a certificate as in an assertion's header (RFC 7515 sections 4.1.7 and 4.1.8). */
function thumbprint(certificate: X509Certificate, name: keyof typeof HASHES): string {
  const { fingerprint, fingerprint256 } = certificate;
  const hex = HASHES[name] === "sha1" ? fingerprint : fingerprint256;
  return Buffer.from(hex.replaceAll(":", ""), "hex").toString("base64url");
}

function isSignedBy(
  key: KeyObject,
  { header, signed, signature }: Assertion,
  algorithms: readonly string[],
): boolean {
  const { alg } = header;
  if (typeof alg !== "string" || !algorithms.includes(alg)) return false;
  const padding = alg === "PS256"
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { padding: constants.RSA_PKCS1_PADDING };
  return verify("sha256", signed, { key, ...padding }, signature);
}

function unsigned(reason: string, header: Assertion["header"]): RefusedRequest {
  const name = String(header["x5t#S256"] ?? header["x5t"] ?? "");
  const hex = Buffer.from(name, "base64url").toString("hex").toUpperCase();
  return new RefusedRequest("AADSTS700027", { reason, thumbprint: hex });
}

function parse(text: string): Assertion {
  const [header = "", claims = "", signature = ""] = text.split(".");
  try {
    return {
      header: JSON.parse(Buffer.from(header, "base64url").toString()),
      claims: JSON.parse(Buffer.from(claims, "base64url").toString()),
      signed: Buffer.from(`${header}.${claims}`),
      signature: Buffer.from(signature, "base64url"),
    };
  } catch (error) {
    if (error instanceof SyntaxError) throw new RefusedRequest("AADSTS50027");
    throw error;
  }
}
