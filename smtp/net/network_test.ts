/** Ports of every kind, over real sockets. PROXY headers have their own tests, and so has what TLS is accepted. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { systemClock } from "../../lib/base/mod.ts";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { octets, text } from "../testing/assertions.ts";
import { manualClock } from "../testing/manual_clock.ts";
import { NO_PROXY, OpenPort } from "../testing/open_port.ts";
import { PORT_KINDS } from "./transport.ts";
import { TcpNetwork } from "./network.ts";

const authority = await CertificateAuthority.create("Test CA");
const certificate = await authority.issue({ names: ["localhost"] });

const GREETING = octets("220 hello\r\n");
const PROBE_INTERVAL_MS = 10_000;
const TURNED_AWAY = octets("421 too many\r\n");

/** Longer than any test takes, so that a silent client is not greeted before it speaks. */
const LONG_DELAY = { certificate, inspectionDelayMs: 60_000 };

for (const kind of PORT_KINDS) {
  Deno.test(`TcpNetwork rejects a ${kind} port that is in use`, async () => {
    using port = await OpenPort.open(kind, { certificate });
    const network = new TcpNetwork({
      clock: systemClock,
      certificate,
      inspectionDelayMs: 0,
      proxyProtocol: NO_PROXY,
      observe: () => {},
    });
    const endpoint = { kind, host: "127.0.0.1", port: port.number };
    await assert.rejects(network.listen(endpoint, () => {}), { code: "EADDRINUSE" });
  });

  Deno.test(`TcpNetwork lets nobody in on a ${kind} port that was closed`, async () => {
    const port = await OpenPort.open(kind, { certificate });
    port[Symbol.dispose]();
    const attempt = async () => {
      using client = await port.connect();
      return await client.readAll();
    };
    // The system refuses the connection, or resets it when it came just before.
    await assert.rejects(attempt(), Error);
  });
}

Deno.test("TcpNetwork opens no port with TLS without a certificate", async () => {
  const network = new TcpNetwork({
    clock: systemClock,
    inspectionDelayMs: 0,
    proxyProtocol: NO_PROXY,
    observe: () => {},
  });
  for (const kind of ["tls", "starttls", "auto"] as const) {
    const endpoint = { kind, host: "127.0.0.1", port: 0 };
    await assert.rejects(network.listen(endpoint, () => {}), TypeError);
  }
});

for (const kind of ["plain", "starttls", "auto"] as const) {
  Deno.test(`S18: TcpNetwork turns a client away on a ${kind} port, with a last line`, async () => {
    using port = await OpenPort.open(kind, { certificate });
    using client = await port.connect();
    (await port.arrival()).reject(TURNED_AWAY);
    assert.equal(await client.readAll(), text(TURNED_AWAY));
  });
}

Deno.test("S18: TcpNetwork turns a client away on a tls port without a word it could not read", async () => {
  using port = await OpenPort.open("tls", { certificate });
  using client = await port.connect();
  (await port.arrival()).reject(TURNED_AWAY);
  assert.equal(await client.readAll(), "");
});

Deno.test("A plain port has no TLS", async () => {
  using port = await OpenPort.open("plain");
  using client = await port.connect();
  const { transport, startTls } = await port.accepted();
  assert(!startTls && !transport.secure);
  await assert.rejects(transport.startTls(), TypeError);
  await transport.write(GREETING);
  assert.equal(await client.read(), text(GREETING));
  transport.close();
});

Deno.test("An auto port serves a client that begins with TLS", async () => {
  using port = await OpenPort.open("auto", LONG_DELAY);
  using client = await port.connect();
  const arrival = await port.arrival();
  const [{ transport, startTls }] = await Promise.all([
    arrival.accept(),
    client.startTls(authority.certificate),
  ]);
  assert(transport.secure && !startTls);
  await transport.write(GREETING);
  assert.equal(await client.read(), text(GREETING));
  transport.close();
  await client.readAll();
});

Deno.test("An auto port serves a client that speaks SMTP at once, and loses none of its octets", async () => {
  using port = await OpenPort.open("auto", LONG_DELAY);
  using client = await port.connect();
  await client.write("EHLO client\r\n");
  const { transport, startTls } = await port.accepted();
  assert(startTls && !transport.secure);
  assert.equal(text((await transport.read())!), "EHLO client\r\n");
  transport.close();
  await client.readAll();
});

Deno.test("S17: an auto port lets a silent client in after its delay, and it may use STARTTLS", async () => {
  using port = await OpenPort.open("auto", { certificate, inspectionDelayMs: 10 });
  using client = await port.connect();
  const { transport, startTls } = await port.accepted();
  assert(startTls && !transport.secure);
  await transport.write(GREETING);
  assert.equal(await client.read(), text(GREETING));
  const upgraded = transport.startTls(octets("220 go\r\n"));
  assert.equal(await client.read(), "220 go\r\n");
  await Promise.all([upgraded, client.startTls(authority.certificate)]);
  assert(transport.secure);
  transport.close();
  await client.readAll();
});

Deno.test("An auto port forgets a client that breaks off before it begins", async () => {
  using port = await OpenPort.open("auto", LONG_DELAY);
  const client = connect({ host: "127.0.0.1", port: port.number });
  const failed = assert.rejects((await port.arrival()).accept(), /ended before its first octet/);
  client.resetAndDestroy();
  await failed;
});

Deno.test("S17: SMTP on a tls port is a failed handshake", async () => {
  using port = await OpenPort.open("tls", { certificate });
  using client = await port.connect();
  const accepting = (await port.arrival()).accept();
  const failed = assert.rejects(accepting);
  await client.write("EHLO client.example\r\n");
  await failed;
});

for (const kind of ["starttls", "tls", "auto"] as const) {
  Deno.test(`TcpNetwork keeps a trial of a ${kind} port from becoming a client`, async () => {
    const clock = manualClock();
    using port = await OpenPort.open(kind, { certificate, clock });
    await clock.advance(PROBE_INTERVAL_MS);
    using client = await port.connect();
    (await port.arrival()).reject(TURNED_AWAY);
    assert.equal(await client.readAll(), kind === "tls" ? "" : text(TURNED_AWAY));
  });
}
