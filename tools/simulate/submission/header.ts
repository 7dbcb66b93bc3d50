/**
 * Reads the header of a message.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type Address, addressParser } from "postal-mime";

/** The most octets that are searched: enough for any real header. */
const MAX_OCTETS = 256 * 1024;

/** Returns the header section (RFC 5322 section 2.1), with the line end of its last field. */
export function headerOf(content: Uint8Array): Uint8Array {
  const start = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    .subarray(0, MAX_OCTETS);
  if (start.indexOf("\r\n") === 0) return start.subarray(0, 0);
  const end = start.indexOf("\r\n\r\n");
  return end < 0 ? start : start.subarray(0, end + 2);
}

/** Returns the addresses in the From fields (RFC 5322 section 3.6.2); none if there is no such field. */
export function fromAddresses(content: Uint8Array): readonly string[] {
  const unfolded = new TextDecoder().decode(headerOf(content)).replaceAll(/\r\n(?=[ \t])/g, "");
  return unfolded.split("\r\n").flatMap((field) => {
    const [, value] = /^from[ \t]*:(.*)$/i.exec(field) ?? [];
    return value === undefined ? [] : addressParser(value).flatMap(addressesIn);
  });
}

function addressesIn({ address, group }: Address): readonly string[] {
  return group ? group.flatMap(addressesIn) : [address].filter((one) => one !== undefined);
}
