/**
 * Random tokens for links and cookies. Only their hashes are stored.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { decodeBase64Url, encodeBase64Url } from "../crypto/mod.ts";

const TOKEN_OCTETS = 32;

/** Returns a new token. */
export function createToken(): string {
  return encodeBase64Url(randomBytes(TOKEN_OCTETS));
}

/** Returns the SHA-256 hash of a token; `undefined` if the text is not such a token. */
export function hashOf(token: string): Uint8Array | undefined {
  const octets = decodeBase64Url(token);
  return octets?.length === TOKEN_OCTETS ? createHash("sha256").update(octets).digest() : undefined;
}
