import assert from "node:assert/strict";
import { parseConfig } from "../config/config.ts";
import { portProblem, portsToOpen, smtpEndpoints, usableHosts } from "./ports.ts";
import { formatAddress } from "../../smtp/mod.ts";

const CONFIG = parseConfig({
  APP_SECRETS: "app-1:secret-1",
  SESSION_SECRET: "0123456789abcdef0123456789abcdef",
  SMTP_PUBLIC_HOST: "smtp.example.com",
  SMTP_HOST: "127.0.0.1",
  SMTP_PORT: "2525,2526",
  HTTP_PORT: "3000",
  METRICS_HOST: "127.0.0.1",
  METRICS_PORT: "9090",
}, () => "");

Deno.test("portsToOpen() lists every port with the setting that asks for it", () => {
  const host = "127.0.0.1";
  assert.deepEqual(smtpEndpoints(CONFIG).map(({ kind, port }) => [kind, port]), [
    ["plain", 2525],
    ["plain", 2526],
  ]);
  assert.deepEqual(portsToOpen(CONFIG).slice(2), [
    { variable: "HTTP_PORT", host, port: 3000, kind: undefined },
    { variable: "METRICS_PORT", host, port: 9090, kind: undefined },
  ]);
});

Deno.test("portProblem() tells a port that is taken from an address that is none", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const variable = "SMTP_PORT";
  assert.equal(portProblem({ variable, host: "127.0.0.1", port })?.kind, "taken");
  assert.equal(portProblem({ variable, host: "192.0.2.1", port: 0 })?.kind, "no-such-address");
  assert.equal(portProblem({ variable, host: "127.0.0.1", port: 0 }), undefined);
});

Deno.test("formatAddress() puts IPv6 addresses in brackets", () => {
  assert.equal(formatAddress("192.0.2.1", 587), "192.0.2.1:587");
  assert.equal(formatAddress("2001:db8::1", 587), "[2001:db8::1]:587");
});

const CASES: readonly [name: string, hosts: string[], available: string[], expected: string[]][] = [
  ["keeps what is available", ["127.0.0.1", "::1"], ["127.0.0.1", "::1"], ["127.0.0.1", "::1"]],
  ["leaves IPv6 out on a machine without it", ["0.0.0.0", "::"], ["0.0.0.0"], ["0.0.0.0"]],
  ["opens all addresses once", ["0.0.0.0", "::"], ["0.0.0.0", "::"], ["::"]],
  ["leaves an unknown address to fail by name", ["192.0.2.1"], [], ["192.0.2.1"]],
];

for (const [name, hosts, available, expected] of CASES) {
  Deno.test(`usableHosts() ${name}`, () => {
    assert.deepEqual(usableHosts(hosts, 25, (host) => available.includes(host)), expected);
  });
}

Deno.test("usableHosts() takes a port that is in use for a sign that the machine has the address", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  assert.deepEqual(usableHosts(["192.0.2.1", "127.0.0.1"], port), ["127.0.0.1"]);
});
