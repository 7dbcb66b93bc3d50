import { deepEqual } from "node:assert/strict";
import { usableHosts } from "./listen_hosts.ts";

const CASES: readonly [name: string, hosts: string[], available: string[], expected: string[]][] = [
  ["keeps what is available", ["127.0.0.1", "::1"], ["127.0.0.1", "::1"], ["127.0.0.1", "::1"]],
  ["leaves IPv6 out on a machine without it", ["0.0.0.0", "::"], ["0.0.0.0"], ["0.0.0.0"]],
  ["opens all addresses once", ["0.0.0.0", "::"], ["0.0.0.0", "::"], ["::"]],
  ["leaves an unknown address to fail by name", ["192.0.2.1"], [], ["192.0.2.1"]],
];

for (const [name, hosts, available, expected] of CASES) {
  Deno.test(`usableHosts() ${name}`, () => {
    deepEqual(usableHosts(hosts, (host) => available.includes(host)), expected);
  });
}
