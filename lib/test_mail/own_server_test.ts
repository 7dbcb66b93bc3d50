import assert from "node:assert/strict";
import type { SmtpConfig } from "../config/mod.ts";
import { ownServer } from "./own_server.ts";

function server(ports: Partial<SmtpConfig["ports"]>, changes: Partial<SmtpConfig> = {}) {
  return ownServer({
    hosts: ["127.0.0.1"],
    publicHost: "mail.example.com",
    proxyProtocol: "off",
    ports: { plain: [], tls: [], starttls: [], auto: [], ...ports },
    ...changes,
  } as SmtpConfig);
}

Deno.test("ownServer() takes a port with encryption, where there is one", () => {
  const choose = (ports: Partial<SmtpConfig["ports"]>) => {
    const { port, encryption } = server(ports);
    return [port, encryption];
  };
  assert.deepEqual(choose({ plain: [25], tls: [465], starttls: [587, 588] }), [587, "STARTTLS"]);
  assert.deepEqual(choose({ plain: [25], tls: [465], auto: [1] }), [1, "STARTTLS"]);
  assert.deepEqual(choose({ plain: [25], tls: [465] }), [465, "TLS"]);
  assert.deepEqual(choose({ plain: [25] }), [25, "none"]);
});

Deno.test("ownServer() reaches a server that listens everywhere by the loopback address", () => {
  const host = (...hosts: string[]) => server({ plain: [25] }, { hosts }).host;
  assert.equal(host("0.0.0.0"), "127.0.0.1");
  assert.equal(host("127.0.0.1"), "127.0.0.1");
});

Deno.test("ownServer() speaks the PROXY protocol where it is required", () => {
  assert.ok(server({ plain: [25] }, { proxyProtocol: "required" }).speaksProxy);
  assert.ok(!server({ plain: [25] }, { proxyProtocol: "optional" }).speaksProxy);
});
