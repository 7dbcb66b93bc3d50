/**
 * Base64 for cookies and addresses (RFC 4648 section 5), without padding.
 *
 * @module
 */

/** Encodes octets as base64url. */
export function encodeBase64Url(octets: Uint8Array): string {
  return octets.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Decodes base64url; `undefined` if the text is not base64url. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  return /^[\w-]*$/.test(text) && text.length % 4 !== 1
    ? Uint8Array.fromBase64(text, { alphabet: "base64url" })
    : undefined;
}
