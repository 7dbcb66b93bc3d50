/**
 * PROXY headers of version 2.
 *
 * @module
 */
import { concat } from "../protocol/octets.ts";

const encoder = new TextEncoder();

const SIGNATURE = encoder.encode("\r\n\r\n\0\r\nQUIT\n");

/** The fields of a version 2 header. */
export interface HeaderFields {
  /** Version and command; default: 2, PROXY. */
  readonly command?: number;
  /** Address family and transport; default: IPv4, stream. */
  readonly family?: number;
  readonly addresses?: Uint8Array;
  readonly extensions?: Uint8Array;
  /** Default: the true one. */
  readonly length?: number;
}

/** `192.0.2.7:56324` to `192.0.2.1:465`. */
export const IPV4_ADDRESSES = Uint8Array.fromHex("c0000207c0000201dc0401d1");

/** `2001:db8::7` to `2001:db8::1`. */
export const IPV6_ADDRESSES = Uint8Array.fromHex(
  "20010db800000000000000000000000720010db8000000000000000000000001dc0401d1",
);

/** Returns a header. */
export function binaryHeader(fields: HeaderFields = {}): Uint8Array {
  const { command = 0x21, family = 0x11, addresses = IPV4_ADDRESSES } = fields;
  const { extensions = new Uint8Array(0) } = fields;
  const { length = addresses.length + extensions.length } = fields;
  const start = Uint8Array.of(command, family, length >> 8, length & 0xff);
  return concat(SIGNATURE, start, addresses, extensions);
}

/** Returns an extension: type, length and value. */
export function extension(type: number, value: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(type, value.length >> 8, value.length & 0xff), value);
}

/** Returns the extension PP2_TYPE_SSL. @param client Bit 0: the client uses TLS. */
export function sslExtension(client: number): Uint8Array {
  const version = extension(0x21, encoder.encode("TLSv1.3"));
  return extension(0x20, concat(Uint8Array.of(client, 0, 0, 0, 0), version));
}
