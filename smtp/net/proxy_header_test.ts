import assert from "node:assert/strict";
import { concat } from "../protocol/octets.ts";
import { parseProxyHeader, ProxyProtocolError } from "./proxy_header.ts";
import {
  binaryHeader,
  extension,
  IPV4_ADDRESSES,
  IPV6_ADDRESSES,
  sslExtension,
} from "../testing/proxy_headers.ts";

const encoder = new TextEncoder();
const NOOP = encoder.encode("NOOP\r\n");

interface Good {
  readonly name: string;
  readonly header: Uint8Array;
  readonly address?: string;
  readonly secure?: boolean;
}

const GOOD: readonly Good[] = [
  text("PROXY TCP4 192.0.2.7 192.0.2.1 56324 465", "192.0.2.7"),
  text("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535", "255.255.255.255"),
  text("PROXY TCP6 2001:DB8:0::7 2001:db8::1 56324 465", "2001:db8::7"),
  text("PROXY TCP6 ::ffff:192.0.2.7 ::1 0 465", "192.0.2.7"),
  text("PROXY UNKNOWN"),
  text("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535"),
  { name: "IPv4", header: binaryHeader(), address: "192.0.2.7" },
  {
    name: "IPv6",
    header: binaryHeader({ family: 0x21, addresses: IPV6_ADDRESSES }),
    address: "2001:db8::7",
  },
  {
    name: "an IPv4 client of an IPv6 socket",
    header: binaryHeader({
      family: 0x21,
      addresses: concat(Uint8Array.fromHex("00000000000000000000ffffc0000207"), new Uint8Array(20)),
    }),
    address: "192.0.2.7",
  },
  { name: "LOCAL", header: binaryHeader({ command: 0x20 }) },
  {
    name: "LOCAL with anything behind",
    header: binaryHeader({ command: 0x20, family: 0xff, addresses: new Uint8Array(99).fill(0xff) }),
  },
  { name: "UNSPEC", header: binaryHeader({ family: 0, addresses: new Uint8Array(0) }) },
  {
    name: "a Unix socket",
    header: binaryHeader({ family: 0x31, addresses: new Uint8Array(216) }),
  },
  {
    name: "a client with TLS",
    header: binaryHeader({ extensions: sslExtension(0x01) }),
    address: "192.0.2.7",
    secure: true,
  },
  {
    name: "a client without TLS",
    header: binaryHeader({ extensions: sslExtension(0x00) }),
    address: "192.0.2.7",
  },
  {
    name: "extensions that mean nothing here",
    header: binaryHeader({
      extensions: concat(extension(0x04, NOOP), extension(0xee, NOOP), sslExtension(0x05)),
    }),
    address: "192.0.2.7",
    secure: true,
  },
  {
    name: "the right checksum",
    header: binaryHeader({
      extensions: concat(extension(0x03, Uint8Array.fromHex("4c78eb94")), sslExtension(1)),
    }),
    address: "192.0.2.7",
    secure: true,
  },
];

function text(line: string, address?: string): Good {
  return { name: line, header: encoder.encode(`${line}\r\n`), address };
}

for (const { name, header, address, secure = false } of GOOD) {
  Deno.test(`parseProxyHeader() understands ${name}`, () => {
    const expected = { octetCount: header.length, address, secure };
    assert.deepEqual({ address: undefined, ...parse(header) }, expected);
    assert.deepEqual({ address: undefined, ...parse(concat(header, NOOP)) }, expected);
  });

  Deno.test(`parseProxyHeader() waits for the rest of ${name}`, () => {
    for (let length = 0; length < header.length; length++) {
      assert.equal(parseProxyHeader(header.subarray(0, length)), "incomplete", `${length} octets`);
    }
  });
}

function parse(octets: Uint8Array): object {
  const header = parseProxyHeader(octets);
  assert.equal(typeof header, "object");
  return header as object;
}

const LONGEST_LINE_OCTETS = 107;

const BAD: Readonly<Record<string, Uint8Array>> = {
  "a line without end": encoder.encode("PROXY UNKNOWN ".padEnd(LONGEST_LINE_OCTETS, "x")),
  "a line that is one octet too long": encoder.encode(
    "PROXY UNKNOWN ".padEnd(LONGEST_LINE_OCTETS - 1, "x") + "\r\n",
  ),
  "IPv6 in TCP4": encoder.encode("PROXY TCP4 ::1 ::1 1 2\r\n"),
  "IPv4 in TCP6": encoder.encode("PROXY TCP6 192.0.2.7 192.0.2.1 1 2\r\n"),
  "a name": encoder.encode("PROXY TCP4 client.example 192.0.2.1 1 2\r\n"),
  "an address with leading zeros": encoder.encode("PROXY TCP4 192.000.002.007 192.0.2.1 1 2\r\n"),
  "a port with leading zeros": encoder.encode("PROXY TCP4 192.0.2.7 192.0.2.1 01 2\r\n"),
  "a port over 65535": encoder.encode("PROXY TCP4 192.0.2.7 192.0.2.1 1 65536\r\n"),
  "two spaces": encoder.encode("PROXY TCP4  192.0.2.7 192.0.2.1 1 2\r\n"),
  "something behind the ports": encoder.encode("PROXY TCP4 192.0.2.7 192.0.2.1 1 2 3\r\n"),
  "UDP": encoder.encode("PROXY UDP4 192.0.2.7 192.0.2.1 1 2\r\n"),
  "another version": binaryHeader({ command: 0x31 }),
  "another command": binaryHeader({ command: 0x22 }),
  "another family": binaryHeader({ family: 0x41 }),
  "datagrams": binaryHeader({ family: 0x12 }),
  "addresses cut short": binaryHeader({ addresses: IPV4_ADDRESSES.subarray(1) }),
  "IPv6 addresses cut short": binaryHeader({ family: 0x21, addresses: IPV6_ADDRESSES.slice(1) }),
  "more octets than are sensible": binaryHeader({ length: 4_081 }),
  "an extension without length": binaryHeader({ extensions: Uint8Array.of(0x04, 0) }),
  "an extension over the end": binaryHeader({ extensions: Uint8Array.of(0x04, 0, 1) }),
  "an SSL extension cut short": binaryHeader({ extensions: extension(0x20, new Uint8Array(4)) }),
  "a wrong checksum": binaryHeader({ extensions: extension(0x03, new Uint8Array(4)) }),
  "a checksum of another length": binaryHeader({ extensions: extension(0x03, new Uint8Array(3)) }),
};

for (const [name, octets] of Object.entries(BAD)) {
  Deno.test(`S21: parseProxyHeader() rejects ${name}`, () => {
    assert.throws(() => parseProxyHeader(octets), ProxyProtocolError);
  });
}

for (
  const start of ["EHLO client.example\r\n", "\x16\x03\x01", "proxy TCP4", "PROXX", "\r\n\r\n\0\n"]
) {
  Deno.test(`parseProxyHeader() says that ${JSON.stringify(start)} is none`, () => {
    assert.equal(parseProxyHeader(encoder.encode(start)), "absent");
  });
}
