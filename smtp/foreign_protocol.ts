/**
 * Clients that speak something else than SMTP.
 *
 * @module
 */

/** The first octet of a TLS connection: a handshake record (RFC 8446 section 5.1). No SMTP command begins with it. */
export const TLS_HANDSHAKE = 0x16;

/** Of a foreign request, so much is looked at. */
const HTTP_REQUEST_LIMIT_OCTETS = 2_048;
const HTTP_REQUEST = /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|TRACE|PATCH) \S+ HTTP\//;

/** Whether a first line is a browser's, which is at the wrong port or was sent there by somebody. */
export function isHttpRequest(line: Uint8Array): boolean {
  return HTTP_REQUEST.test(String.fromCharCode(...line.subarray(0, HTTP_REQUEST_LIMIT_OCTETS)));
}
