/** PROXY headers on real ports of every kind. */
import assert from "node:assert/strict";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import type { SmtpEvent } from "../events.ts";
import { concat } from "../protocol/octets.ts";
import { octets } from "../testing/assertions.ts";
import { OpenPort, type SocketClient } from "../testing/open_port.ts";
import { binaryHeader, IPV6_ADDRESSES, sslExtension } from "../testing/proxy_headers.ts";
import { type Accepted, type Arrival, PORT_KINDS, type PortKind } from "./transport.ts";
import type { ProxyPolicy } from "./acceptor.ts";

const GREETING = octets("220 hello\r\n");
const HELLO = octets("EHLO client.example\r\n");
const HEADER = binaryHeader();
const PEER = "127.0.0.1";
const CLIENT = "192.0.2.7";

const authority = await CertificateAuthority.create("Test CA");
const certificate = await authority.issue({ names: ["localhost"] });

/** Opens a port on which PROXY headers of this machine are believed, or not. */
function openPort(
  kind: PortKind,
  mode: ProxyPolicy["mode"],
  trusted: boolean,
  observe: (event: SmtpEvent) => void = () => {},
): Promise<OpenPort> {
  const includes = (address: string) => trusted && address === PEER;
  const proxyProtocol = { mode, trusted: { includes } };
  return OpenPort.open(kind, { certificate, inspectionDelayMs: 50, proxyProtocol, observe });
}

/** Accepts an arrival; on a port that begins with TLS, the client shakes hands. */
async function letIn(kind: PortKind, arrival: Arrival, client: SocketClient): Promise<Accepted> {
  const [accepted] = await Promise.all([
    arrival.accept(),
    kind === "tls" ? client.startTls(authority.certificate) : undefined,
  ]);
  return accepted;
}

/** Greets the client and returns its reply. */
async function talk(client: SocketClient, accepted: Accepted): Promise<void> {
  await accepted.transport.write(GREETING);
  assert.equal(await client.read(), "220 hello\r\n");
  await client.writeOctets(HELLO);
  assert.deepEqual(await read(accepted), HELLO);
  accepted.transport.close();
}

/** Reads the next octets as a plain array: those of node's sockets are a subclass. */
async function read({ transport }: Accepted): Promise<Uint8Array> {
  return Uint8Array.from(await transport.read() ?? []);
}

for (const kind of PORT_KINDS) {
  for (const version of ["version 1", "version 2"]) {
    Deno.test(`S21: the client on a ${kind} port is whom a trusted proxy names in ${version}`, async () => {
      using port = await openPort(kind, "required", true);
      using client = await port.connect();
      const line = octets("PROXY TCP4 192.0.2.7 192.0.2.1 56324 465\r\n");
      await client.writeOctets(version === "version 1" ? line : HEADER);
      const arrival = await port.arrival();
      assert.equal(arrival.remoteAddress, CLIENT);
      assert.equal(arrival.port, port.number);
      const accepted = await letIn(kind, arrival, client);
      assert.equal(accepted.transport.remoteAddress, CLIENT);
      assert.equal(accepted.transport.secure, kind === "tls");
      await talk(client, accepted);
    });
  }

  Deno.test(`A trusted proxy that terminated TLS counts as secure on a ${kind} port`, async () => {
    using port = await openPort(kind, "required", true);
    using client = await port.connect();
    const addresses = { family: 0x21, addresses: IPV6_ADDRESSES };
    await client.writeOctets(binaryHeader({ ...addresses, extensions: sslExtension(1) }));
    const { transport } = await letIn(kind, await port.arrival(), client);
    assert.equal(transport.remoteAddress, "2001:db8::7");
    assert.equal(transport.secure, true);
    transport.close();
  });

  Deno.test(`S21: on a ${kind} port, nobody but a trusted proxy gets in where a header is required`, async () => {
    const events: SmtpEvent[] = [];
    using port = await openPort(kind, "required", false, (event) => events.push(event));
    using client = await port.connect();
    await client.writeOctets(HEADER);
    await assertDropped(client);
    const reason = "not through a trusted proxy";
    assert.deepEqual(events, [{ type: "rejected", address: PEER, reason, cause: undefined }]);
  });

  Deno.test(`S21: on a ${kind} port, the header of anyone else is not believed`, async () => {
    using port = await openPort(kind, "optional", false);
    using client = await port.connect();
    const arrival = await port.arrival();
    assert.equal(arrival.remoteAddress, PEER);
    await client.writeOctets(HEADER);
    if (kind === "tls") return void await assert.rejects(arrival.accept());
    const accepted = await arrival.accept();
    assert.deepEqual(await read(accepted), HEADER);
    assert.equal(accepted.transport.remoteAddress, PEER);
    accepted.transport.close();
  });

  Deno.test(`S21: on a ${kind} port, a trusted proxy that sends something else is dropped`, async () => {
    const events: SmtpEvent[] = [];
    using port = await openPort(kind, "required", true, (event) => events.push(event));
    using client = await port.connect();
    await client.writeOctets(HELLO);
    await assertDropped(client);
    const [event] = events;
    assert(event?.type === "rejected" && event.reason === "bad PROXY header");
    assert.match(String(event.cause), /no header/);
  });

  Deno.test(`On a ${kind} port, a trusted peer may do without a header where it is optional`, async () => {
    using port = await openPort(kind, "optional", true);
    using client = await port.connect();
    const arrival = await port.arrival();
    assert.equal(arrival.remoteAddress, PEER);
    await talk(client, await letIn(kind, arrival, client));
  });
}

async function assertDropped(client: SocketClient): Promise<void> {
  // Octets that nobody has read make the end of a connection a reset.
  assert.equal(await client.readAll().catch(() => ""), "");
}

for (const kind of ["tls", "auto"] as const) {
  Deno.test(`TLS may begin right behind the header on a ${kind} port`, async () => {
    using port = await openPort(kind, "required", true);
    using client = await port.connect();
    await client.writeOctets(HEADER.subarray(0, 20));
    await client.writeOctets(HEADER.subarray(20));
    const [accepted] = await Promise.all([
      port.accepted(),
      client.startTls(authority.certificate),
    ]);
    await talk(client, accepted);
  });

  Deno.test(`S17: garbage behind the header ends the handshake on a ${kind} port, and nothing else`, async () => {
    using port = await openPort(kind, "required", true);
    using client = await port.connect();
    const handshake = Uint8Array.of(0x16, 3, 1, 0, 4, 0xff, 0xff, 0xff, 0xff);
    await client.writeOctets(concat(HEADER, handshake, new Uint8Array(50_000).fill(0x80)));
    await assert.rejects(port.accepted());
  });
}
