import assert from "node:assert/strict";
import type { SmtpConfig } from "../config/mod.ts";
import { ownServers } from "./own_server.ts";

function servers(ports: Partial<SmtpConfig["ports"]>, changes: Partial<SmtpConfig> = {}) {
  return ownServers({
    hosts: ["127.0.0.1"],
    publicHost: "mail.example.com",
    proxyProtocol: "off",
    ports: { plain: [], tls: [], starttls: [], auto: [], ...ports },
    ...changes,
  } as SmtpConfig);
}

function server(ports: Partial<SmtpConfig["ports"]>, changes: Partial<SmtpConfig> = {}) {
  const [first] = servers(ports, changes);
  assert.ok(first);
  return first;
}

Deno.test("ownServers() returns one port of each kind of encryption, plain ones last", () => {
  const choose = (ports: Partial<SmtpConfig["ports"]>) => {
    return servers(ports).map(({ port, encryption }) => [port, encryption]);
  };
  assert.deepEqual(choose({ plain: [25], tls: [465], starttls: [587, 588] }), [
    [587, "STARTTLS"],
    [465, "TLS"],
    [25, "none"],
  ]);
  assert.deepEqual(choose({ auto: [1] }), [[1, "STARTTLS"], [1, "TLS"]]);
  assert.deepEqual(choose({}), []);
});

Deno.test("ownServers() reaches a server that listens everywhere by the loopback address", () => {
  const host = (...hosts: string[]) => server({ plain: [25] }, { hosts }).host;
  assert.equal(host("0.0.0.0"), "127.0.0.1");
  assert.equal(host("127.0.0.1"), "127.0.0.1");
});

Deno.test("ownServers() speaks the PROXY protocol where it is required", () => {
  assert.ok(server({ plain: [25] }, { proxyProtocol: "required" }).speaksProxy);
  assert.ok(!server({ plain: [25] }, { proxyProtocol: "optional" }).speaksProxy);
});
