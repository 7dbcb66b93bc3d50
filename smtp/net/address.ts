/**
 * IP addresses of clients, and sets of addresses.
 *
 * @module
 */
import { BlockList, isIP, isIPv6 } from "node:net";

/** Groups of an IPv6 address that identify a network. One customer has all addresses in it (RFC 6177). */
const NETWORK_GROUPS = 4;

/**
 * Returns an address in its canonical form. An IPv4-mapped IPv6 address becomes IPv4 (RFC 4291 section 2.5.5.2).
 *
 * @param address A valid IPv4 or IPv6 address, without brackets; a zone is removed.
 */
export function canonicalAddress(address: string): string {
  const bare = address.replace(/%.*$/, "");
  if (!isIPv6(bare)) return bare;
  // The URL parser writes each IPv6 address in one way only, a mapped one as ::ffff:7f00:1.
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical);
  if (mapped === null) return canonical;
  const groups = mapped.slice(1).map((group) => parseInt(group, 16));
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join(".");
}

/**
 * Returns the networks that limits apply to, narrowest first: the IPv4 address, or /64, /56 and /48 of an IPv6 address. A
 * client can change its address at will within them.
 */
export function clientNetworks(address: string): readonly [narrowest: string, ...wider: string[]] {
  const canonical = canonicalAddress(address);
  if (!canonical.includes(":")) return [canonical];
  const [head = "", tail] = canonical.split("::");
  const groups = [...groupsOf(head), ...(tail === undefined ? [] : zeros(head, tail))];
  const [site, subnet] = [
    groups.slice(0, NETWORK_GROUPS - 1).join(":"),
    groups[NETWORK_GROUPS - 1]!,
  ];
  const customer = (parseInt(subnet, 16) & 0xff00).toString(16);
  return [`${site}:${subnet}::/64`, `${site}:${customer}::/56`, `${site}::/48`];
}

/** Returns the zeros that `::` stands for, and the groups after it. */
function zeros(head: string, tail: string): string[] {
  const missing = 8 - groupsOf(head).length - groupsOf(tail).length;
  return [...Array<string>(missing).fill("0"), ...groupsOf(tail)];
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

/** Returns a host and port as `192.0.2.1:587` or `[2001:db8::1]:587`. */
export function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether a range lies within one of others. All are valid ranges in CIDR notation. */
export function isWithin(range: string, others: readonly string[]): boolean {
  const [address = "", length] = range.split("/");
  return others.some((other) =>
    Number(other.split("/")[1]) <= Number(length) && addressMatcher([other]).includes(address)
  );
}

/** A set of IP addresses. */
export interface AddressMatcher {
  /** The ranges in CIDR notation, for display. */
  readonly ranges: readonly string[];
  /** Whether the address, without brackets or port, is in the set. IPv4-mapped IPv6 counts as IPv4. */
  includes(address: string): boolean;
}

/** Returns a set of addresses. @param ranges Valid ranges in CIDR notation. */
export function addressMatcher(ranges: readonly string[]): AddressMatcher {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", length] = range.split("/");
    list.addSubnet(address, Number(length), isIPv6(address) ? "ipv6" : "ipv4");
  }
  return {
    ranges,
    includes(address) {
      const canonical = canonicalAddress(address);
      switch (isIP(canonical)) {
        case 4:
          return list.check(canonical, "ipv4");
        case 6:
          return list.check(canonical, "ipv6");
        default:
          return false;
      }
    },
  };
}
