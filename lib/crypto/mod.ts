/**
 * Encryption and keyed hashes with keys that rotate.
 *
 * @module
 */
export { decodeBase64Url, encodeBase64Url } from "./base64url.ts";
export { type SealPurpose, SecretError, Secrets } from "./secrets.ts";
