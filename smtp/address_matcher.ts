/**
 * Sets of IP addresses.
 *
 * @module
 */
import { BlockList, isIP, isIPv6 } from "node:net";
import { canonicalAddress } from "./address.ts";

/** A set of IP addresses. */
export interface AddressMatcher {
  /** The ranges in CIDR notation, for display. */
  readonly ranges: readonly string[];
  /** Whether the address, without brackets or port, is in the set. IPv4-mapped IPv6 counts as IPv4. */
  includes(address: string): boolean;
}

/** @param ranges Valid ones in CIDR notation. */
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
