import assert from "node:assert/strict";
import { canonicalAddress, clientNetworks, isWithin } from "./address.ts";

const CANONICAL: readonly (readonly [given: string, canonical: string])[] = [
  ["192.0.2.1", "192.0.2.1"],
  ["2001:0DB8:0::0001", "2001:db8::1"],
  ["::1", "::1"],
  ["fe80::1%eth0", "fe80::1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:c000:0201", "192.0.2.1"],
];

for (const [given, canonical] of CANONICAL) {
  Deno.test(`canonicalAddress() writes ${given} as ${canonical}`, () => {
    assert.equal(canonicalAddress(given), canonical);
  });
}

const NETWORKS: readonly (readonly [address: string, network: string])[] = [
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:db8::3:4:5:6:7", "2001:db8:0:3::/64"],
  ["::1", "0:0:0:0::/64"],
  ["2001:db8::", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
];

for (const [address, network] of NETWORKS) {
  Deno.test(`clientNetworks() counts ${address} as ${network}`, () => {
    assert.equal(clientNetworks(address)[0], network);
  });
}

Deno.test("clientNetworks() widens an IPv6 network to the ones that one customer can have", () => {
  assert.deepEqual(clientNetworks("192.0.2.1"), ["192.0.2.1"]);
  assert.deepEqual(clientNetworks("2001:db8:1:2345::1"), [
    "2001:db8:1:2345::/64",
    "2001:db8:1:2300::/56",
    "2001:db8:1::/48",
  ]);
  assert.deepEqual(clientNetworks("2001:db8::1"), [
    "2001:db8:0:0::/64",
    "2001:db8:0:0::/56",
    "2001:db8:0::/48",
  ]);
});

Deno.test("isWithin() compares ranges of both families", () => {
  assert.equal(isWithin("192.168.1.40/32", ["10.0.0.0/8", "192.168.0.0/16"]), true);
  assert.equal(isWithin("192.168.0.0/16", ["192.168.0.0/16"]), true);
  assert.equal(isWithin("192.168.0.0/15", ["192.168.0.0/16"]), false);
  assert.equal(isWithin("193.0.0.0/8", ["192.168.0.0/16"]), false);
  assert.equal(isWithin("fd12::/16", ["fc00::/7"]), true);
  assert.equal(isWithin("10.0.0.1/32", ["fc00::/7"]), false);
  assert.equal(isWithin("10.0.0.1/32", []), false);
});
