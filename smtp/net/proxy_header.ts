/**
 * PROXY protocol headers, versions 1 and 2, by which a proxy names its client. See "The PROXY protocol" in HAProxy's
 * documentation, sections 2.1 and 2.2.
 *
 * @module
 */
import { isIPv4, isIPv6 } from "node:net";
import { canonicalAddress } from "./address.ts";

/** A parsed header. */
export interface ProxyHeader {
  /** Length of the header. */
  readonly octetCount: number;
  /** The client's address; absent if the proxy does not know it, or connects on its own (health checks). */
  readonly address?: string;
  /** Whether the client uses TLS to the proxy. */
  readonly secure: boolean;
}

/** A header that is malformed, missing or too late. */
export class ProxyProtocolError extends Error {
  override readonly name = "ProxyProtocolError";
}

/** Version 1 with its CRLF (section 2.1). */
const TEXT_LIMIT_OCTETS = 107;
/** Version 2. Enough for addresses, names and client certificates; the protocol allows 65,551. */
const BINARY_LIMIT_OCTETS = 4_096;

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");
const TEXT_START = encoder.encode("PROXY ");
const BINARY_START = encoder.encode("\r\n\r\n\0\r\nQUIT\n");
/** Signature, version and command, family and transport, length. */
const BINARY_FIXED_OCTETS = 16;

/**
 * Parses the header at the beginning of a connection.
 *
 * @param octets The octets that have arrived so far.
 * @returns `incomplete` if more octets are needed, `absent` if there is no header.
 * @throws {ProxyProtocolError}
 */
export function parseProxyHeader(octets: Uint8Array): ProxyHeader | "incomplete" | "absent" {
  if (mayStartWith(octets, BINARY_START)) {
    return octets.length < BINARY_FIXED_OCTETS ? "incomplete" : parseBinary(octets);
  }
  if (!mayStartWith(octets, TEXT_START)) return "absent";
  return octets.length < TEXT_START.length ? "incomplete" : parseText(octets);
}

/** Whether the octets begin with `start`, as far as they go. */
function mayStartWith(octets: Uint8Array, start: Uint8Array): boolean {
  return start.every((octet, index) => index >= octets.length || octets[index] === octet);
}

const CRLF_OCTETS = 2;
/** Ports have no leading zeros. */
const PORT = "(0|[1-9]\\d{0,4})";
const TCP_LINE = new RegExp(`^PROXY TCP([46]) (\\S+) (\\S+) ${PORT} ${PORT}$`);
const UNKNOWN_LINE = /^PROXY UNKNOWN(?: .*)?$/;
const LARGEST_PORT = 65_535;

/** Version 1, section 2.1: one line. */
function parseText(octets: Uint8Array): ProxyHeader | "incomplete" {
  const text = decoder.decode(octets.subarray(0, TEXT_LIMIT_OCTETS));
  const end = text.indexOf("\r\n");
  if (end === -1) {
    if (text.length === TEXT_LIMIT_OCTETS) throw new ProxyProtocolError("line too long");
    return "incomplete";
  }
  const line = text.slice(0, end);
  const octetCount = end + CRLF_OCTETS;
  if (UNKNOWN_LINE.test(line)) return { octetCount, secure: false };
  const [, family, source = "", destination = "", ...ports] = TCP_LINE.exec(line) ?? [];
  const isAddress = family === "4" ? isIPv4 : isIPv6;
  const valid = isAddress(source) && isAddress(destination) &&
    ports.every((port) => Number(port) <= LARGEST_PORT);
  if (!valid) throw new ProxyProtocolError("bad line");
  return { octetCount, address: canonicalAddress(source), secure: false };
}

const VERSION = 2;
const LOCAL = 0;
const PROXY = 1;
/** Transports: unspecified, and stream. */
const TRANSPORTS: readonly number[] = [0, 1];

/** Octets of the addresses, by address family: unspecified, IPv4, IPv6, Unix. */
const ADDRESS_OCTETS: readonly number[] = [0, 12, 36, 216];

/** Version 2, section 2.2. */
function parseBinary(octets: Uint8Array): ProxyHeader | "incomplete" {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const [version, command] = nibbles(view.getUint8(12));
  const [family, transport] = nibbles(view.getUint8(13));
  const octetCount = BINARY_FIXED_OCTETS + view.getUint16(14);
  if (version !== VERSION || command > PROXY) {
    throw new ProxyProtocolError(`version ${version}, command ${command}`);
  }
  if (octetCount > BINARY_LIMIT_OCTETS) throw new ProxyProtocolError(`${octetCount} octets`);
  if (octets.length < octetCount) return "incomplete";
  // The rest of a health check's header has no meaning.
  if (command === LOCAL) return { octetCount, secure: false };
  const addressOctets = ADDRESS_OCTETS[family];
  if (addressOctets === undefined || !TRANSPORTS.includes(transport)) {
    throw new ProxyProtocolError(`family ${family}, transport ${transport}`);
  }
  const header = octets.subarray(0, octetCount);
  const addresses = header.subarray(BINARY_FIXED_OCTETS, BINARY_FIXED_OCTETS + addressOctets);
  if (addresses.length < addressOctets) throw new ProxyProtocolError("addresses cut short");
  const secure = readExtensions(header, BINARY_FIXED_OCTETS + addressOctets);
  return { octetCount, address: FORMATS[family]?.(addresses), secure };
}

function nibbles(octet: number): readonly [high: number, low: number] {
  return [octet >> 4, octet & 0xf];
}

const FORMATS: Readonly<Record<number, (addresses: Uint8Array) => string>> = {
  1: (addresses) => addresses.subarray(0, 4).join("."),
  2: (addresses) => canonicalAddress(hexGroups(addresses.subarray(0, 16))),
};

function hexGroups(octets: Uint8Array): string {
  return octets.toHex().match(/.{4}/g)!.join(":");
}

const EXTENSION_START_OCTETS = 3;
const CRC32C = 0x03;
const SSL = 0x20;
/** PP2_CLIENT_SSL: the client connected over TLS. */
const CLIENT_USES_TLS = 0x01;
/** The `client` and `verify` fields. */
const SSL_FIXED_OCTETS = 5;

/** Reads the extensions (section 2.2, "TLV") and returns whether the client uses TLS. */
function readExtensions(header: Uint8Array, start: number): boolean {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  let secure = false;
  for (let at = start; at < header.length;) {
    if (at + EXTENSION_START_OCTETS > header.length) {
      throw new ProxyProtocolError("extension cut short");
    }
    const type = view.getUint8(at);
    const from = at + EXTENSION_START_OCTETS;
    at = from + view.getUint16(at + 1);
    if (at > header.length) throw new ProxyProtocolError("extension cut short");
    if (type === CRC32C) checkSum(header, from, at);
    if (type === SSL) {
      if (at - from < SSL_FIXED_OCTETS) throw new ProxyProtocolError("SSL extension cut short");
      secure = (view.getUint8(from) & CLIENT_USES_TLS) !== 0;
    }
  }
  return secure;
}

/** Section 2.2.3. The checksum itself counts as zeros. */
function checkSum(header: Uint8Array, from: number, to: number): void {
  if (to - from !== 4) throw new ProxyProtocolError("checksum of another length");
  const given = new DataView(header.buffer, header.byteOffset + from, 4).getUint32(0);
  if (crc32c(header.slice().fill(0, from, to)) !== given) {
    throw new ProxyProtocolError("wrong checksum");
  }
}

/** RFC 3720 section 12.1, bits reversed. */
const CRC32C_POLYNOMIAL = 0x82f63b78;

function crc32c(octets: Uint8Array): number {
  let sum = 0xffffffff;
  for (const octet of octets) {
    sum ^= octet;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? CRC32C_POLYNOMIAL : 0);
  }
  return ~sum >>> 0;
}
