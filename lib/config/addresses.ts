import { isIP, isIPv6 } from "node:net";
import { canonicalAddress } from "../../smtp/mod.ts";

export { type AddressMatcher, addressMatcher } from "../../smtp/mod.ts";

/** Names for well-known ranges. */
const NAMED_RANGES: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["linklocal", ["169.254.0.0/16", "fe80::/10"]],
  ["uniquelocal", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
]);

const IPV4_BITS = 32;
const IPV6_BITS = 128;

/**
 * The ranges that an entry stands for, in CIDR notation.
 *
 * @param entry An address, a range as `10.0.0.0/8` or `10.0.0.0/255.0.0.0`, or `loopback`, `linklocal`, `uniquelocal`.
 * @returns `undefined` when it is none of these, or the whole Internet (`/0`).
 */
export function parseRange(entry: string): readonly string[] | undefined {
  const named = NAMED_RANGES.get(entry.toLowerCase());
  if (named) return named;
  const [address = "", mask, ...rest] = entry.split("/");
  if (isIP(address) === 0 || rest.length > 0) return undefined;
  // An IPv4-mapped address or one with a zone would never match.
  const isMapped = isIPv6(address) && !isIPv6(canonicalAddress(address));
  if (isMapped || address.includes("%")) return undefined;
  const bits = isIPv6(address) ? IPV6_BITS : IPV4_BITS;
  const length = mask === undefined ? bits : prefixLength(mask, bits);
  if (length === undefined || length < 1 || length > bits) return undefined;
  return [`${address}/${length}`];
}

/** The length of a network prefix, given as a number or as a dotted netmask. */
function prefixLength(mask: string, bits: number): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  if (isIP(mask) !== 4 || bits !== IPV4_BITS) return undefined;
  const binary = mask.split(".").map((octet) => Number(octet).toString(2).padStart(8, "0")).join(
    "",
  );
  return /^1*0*$/.test(binary) ? binary.lastIndexOf("1") + 1 : undefined;
}
