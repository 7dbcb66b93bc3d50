import assert from "node:assert/strict";
import { addressMatcher } from "../../smtp/mod.ts";
import { hostWithin, isPublicName, parseRange } from "./network.ts";

function matcher(...entries: string[]) {
  return addressMatcher(entries.flatMap((entry) => parseRange(entry) ?? []));
}

Deno.test("parseRange() understands addresses, CIDR, netmasks and names", () => {
  assert.deepEqual(parseRange("192.0.2.1"), ["192.0.2.1/32"]);
  assert.deepEqual(parseRange("2001:db8::1"), ["2001:db8::1/128"]);
  assert.deepEqual(parseRange("10.0.0.0/8"), ["10.0.0.0/8"]);
  assert.deepEqual(parseRange("10.0.0.0/255.255.0.0"), ["10.0.0.0/16"]);
  assert.deepEqual(parseRange("2001:DB8:0::/48"), ["2001:DB8:0::/48"]);
  assert.deepEqual(parseRange("fd03:cc8b:0d31::/48"), ["fd03:cc8b:0d31::/48"]);
  assert.deepEqual(parseRange("Loopback"), ["127.0.0.0/8", "::1/128"]);
});

Deno.test("parseRange() rejects everything else, and the whole Internet", () => {
  const rejected = [
    "",
    "example.com",
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/8/8",
    "10.0.0.0/",
    "0.0.0.0/0",
  ]
    .concat([
      "::/0",
      "10.0.0.0/255.0.255.0",
      "10.0.0.0/0.0.0.0",
      "10.0.0",
      "::1/255.0.0.0",
      "constructor",
      "::ffff:10.0.0.1",
      "fe80::1%eth0",
    ]);
  for (const entry of rejected) assert.equal(parseRange(entry), undefined, entry);
});

Deno.test("AddressMatcher.includes() compares by network", () => {
  const proxies = matcher("loopback", "10.1.0.0/16", "2001:db8::/32");
  const inside = [
    "127.0.0.1",
    "127.9.9.9",
    "::1",
    "0:0:0:0:0:0:0:1",
    "10.1.255.1",
    "2001:DB8:ffff::1",
  ];
  const outside = ["10.2.0.1", "192.0.2.1", "2001:db9::1", "::2", "", "localhost", "10.1.0.1:25"];
  for (const address of inside) assert.equal(proxies.includes(address), true, address);
  for (const address of outside) assert.equal(proxies.includes(address), false, address);
});

Deno.test("AddressMatcher.includes() takes IPv4-mapped IPv6 as IPv4 and ignores zones", () => {
  const proxies = matcher("10.0.0.0/8", "linklocal");
  assert.equal(proxies.includes("::ffff:10.1.2.3"), true);
  assert.equal(proxies.includes("0:0:0:0:0:ffff:a01:203"), true);
  assert.equal(proxies.includes("::ffff:11.1.2.3"), false);
  assert.equal(proxies.includes("fe80::1%eth0"), true);
});

Deno.test("AddressMatcher.includes() is false for all addresses when there are no ranges", () => {
  assert.equal(matcher().includes("127.0.0.1"), false);
});

Deno.test("hostWithin() finds the host that was meant", () => {
  const meant = {
    "mail.example.com": "mail.example.com",
    " https://Mail.Example.com/inbox ": "mail.example.com",
    "mail.example.com.": "mail.example.com",
    '"mail.example.com"': "mail.example.com",
    "smtp://mail.example.com": "mail.example.com",
    "post.münchen.example": "post.xn--mnchen-3ya.example",
    "192.0.2.1": "192.0.2.1",
    "2001:db8::1": "2001:db8::1",
    "[2001:db8::1]": "2001:db8::1",
  };
  for (const [text, host] of Object.entries(meant)) assert.equal(hostWithin(text), host, text);
  assert.equal(hostWithin("mail.example.com:587", true), "mail.example.com");
});

Deno.test("hostWithin() takes nothing else for a host", () => {
  for (const text of ["", "a b", "you@example.com", "10", "1.2.3", "mail.example.com:587", "-"]) {
    assert.equal(hostWithin(text), undefined, text);
  }
});

Deno.test("isPublicName() knows addresses and the names of local networks", () => {
  assert.ok(isPublicName("mail.example.com"));
  for (const host of ["nas", "localhost", "192.0.2.1", "2001:db8::1", "mail.Office.LAN"]) {
    assert.ok(!isPublicName(host), host);
  }
});
