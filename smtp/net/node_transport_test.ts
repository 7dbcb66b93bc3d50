/** Clients on ports with TLS, over real sockets: the behaviour of the transport and of the runtime. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { CertificateAuthority } from "../../tools/simulate/certificates.ts";
import { octets, text } from "../testing/assertions.ts";
import { OpenPort, type SocketClient } from "../testing/open_port.ts";
import { Flood } from "../testing/real_time.ts";
import type { PortKind, Transport } from "./transport.ts";

const authority = await CertificateAuthority.create("Test CA");
const certificate = await authority.issue({ names: ["localhost"] });

/** Both ends of one connection. */
interface Connected extends Disposable {
  readonly client: SocketClient;
  readonly transport: Transport;
}

/** Opens each kind of connection. */
const CONNECT: Readonly<Record<string, () => Promise<Connected>>> = {
  "a plain connection": () => connectTo("starttls"),
  "a connection after STARTTLS": connectWithStartTls,
  "a connection with implicit TLS": connectWithTls,
};

async function connectTo(kind: PortKind): Promise<Connected> {
  const port = await OpenPort.open(kind, { certificate });
  const client = await port.connect();
  const { transport } = await port.accepted();
  return connected(port, client, transport);
}

async function connectWithTls(): Promise<Connected> {
  const port = await OpenPort.open("tls", { certificate });
  const client = await port.connect();
  const arrival = await port.arrival();
  const [{ transport }] = await Promise.all([
    arrival.accept(),
    client.startTls(authority.certificate),
  ]);
  return connected(port, client, transport);
}

async function connectWithStartTls(): Promise<Connected> {
  const connection = await connectTo("starttls");
  const { client, transport } = connection;
  const upgraded = transport.startTls(octets("220 go\r\n"));
  assert.equal(await client.read(), "220 go\r\n");
  await Promise.all([upgraded, client.startTls(authority.certificate)]);
  return connection;
}

function connected(port: OpenPort, client: SocketClient, transport: Transport): Connected {
  return {
    client,
    transport,
    [Symbol.dispose]: () => {
      client.close();
      transport.close();
      port[Symbol.dispose]();
    },
  };
}

async function readText(transport: Transport): Promise<string | undefined> {
  const arrived = await transport.read();
  return arrived === null ? undefined : text(arrived);
}

for (const [name, open] of Object.entries(CONNECT)) {
  Deno.test(`NodeTransport carries octets both ways over ${name}`, async () => {
    using connection = await open();
    const { client, transport } = connection;
    assert.equal(transport.secure, name !== "a plain connection");
    assert.equal(transport.remoteAddress, "127.0.0.1");
    await client.write("EHLO client\r\n");
    assert.equal(await readText(transport), "EHLO client\r\n");
    await transport.write(octets("250 OK\r\n"));
    assert.equal(await client.read(), "250 OK\r\n");
  });

  Deno.test(`NodeTransport.close() lets the last octets arrive over ${name}`, async () => {
    using connection = await open();
    const { client, transport } = connection;
    transport.write(octets("221 Bye\r\n"));
    transport.close();
    transport.close();
    assert.equal(await client.readAll(), "221 Bye\r\n");
    await assert.rejects(transport.write(octets("late")), /closed/);
  });

  Deno.test(`NodeTransport.close() wakes who reads over ${name}`, async () => {
    using connection = await open();
    const reading = connection.transport.read();
    connection.transport.close();
    assert.equal(await reading, null);
  });

  Deno.test(`U6: NodeTransport shows the end of a client that closes ${name}`, async () => {
    using connection = await open();
    const { client, transport } = connection;
    await client.write("QUIT\r\n");
    client.close();
    assert.equal(await readText(transport), "QUIT\r\n");
    assert.equal(await readText(transport), undefined);
    assert.equal(await readText(transport), undefined);
  });

  Deno.test(`U6: NodeTransport shows the end of a client that half-closes ${name}, and may answer`, async () => {
    using connection = await open();
    const { client, transport } = connection;
    await client.write("QUIT\r\n");
    await client.halfClose();
    assert.equal(await readText(transport), "QUIT\r\n");
    assert.equal(await readText(transport), undefined);
    await transport.write(octets("221 Bye\r\n"));
    transport.close();
    assert.equal(await client.readAll(), "221 Bye\r\n");
  });

  Deno.test(`D4: NodeTransport holds back a client that is not read from, over ${name}`, async () => {
    using connection = await open();
    const { client, transport } = connection;
    const flood = new Flood((octets) => client.writeOctets(octets));
    await flood.assertStalls();
    await flood.drain(() => transport.read());
  });

  Deno.test(`U6: NodeTransport.write() ends when its client goes instead of reading, over ${name}`, async () => {
    using connection = await open();
    const { client, transport } = connection;
    const flood = new Flood((octets) => transport.write(octets));
    const failed = assert.rejects(flood.finished);
    await flood.assertStalls();
    client.close();
    await failed;
  });

  Deno.test(`D4: NodeTransport.write() waits for a client that does not read, over ${name}`, async () => {
    using connection = await open();
    const { client, transport } = connection;
    const flood = new Flood((octets) => transport.write(octets));
    await flood.assertStalls();
    await flood.drain(() => client.readOctets());
  });
}

Deno.test("NodeTransport rejects when a client resets the connection", async () => {
  using port = await OpenPort.open("starttls", { certificate });
  const client = connect({ host: "127.0.0.1", port: port.number });
  const { transport } = await port.accepted();
  const reading = transport.read();
  client.resetAndDestroy();
  await assert.rejects(reading);
  await assert.rejects(transport.write(octets("220 hello\r\n")));
  transport.close();
});

Deno.test("S5: NodeTransport.startTls() discards octets that arrived in plain text", async () => {
  using connection = await connectTo("starttls");
  const { client, transport } = connection;
  await client.write("STARTTLS\r\n");
  assert.equal(await readText(transport), "STARTTLS\r\n");
  await client.write("NOOP\r\n");
  // The octets have to be here before the upgrade begins: a second connection tells that they are.
  await roundTrip();
  const upgraded = transport.startTls(octets("220 go\r\n"));
  assert.equal(await client.read(), "220 go\r\n");
  await Promise.all([upgraded, client.startTls(authority.certificate)]);
  await client.write("EHLO client\r\n");
  assert.equal(await readText(transport), "EHLO client\r\n");
});

/** Octets that were sent before this over another connection have arrived when it resolves. */
async function roundTrip(): Promise<void> {
  using connection = await connectTo("starttls");
  await connection.client.write("x");
  await connection.transport.read();
}

Deno.test("S5: plain octets after the go-ahead end the handshake, and nothing else", async () => {
  using connection = await connectTo("starttls");
  const { client, transport } = connection;
  const upgraded = transport.startTls(octets("220 go\r\n"));
  const failed = assert.rejects(upgraded);
  assert.equal(await client.read(), "220 go\r\n");
  await client.write("NOOP\r\nNOOP\r\n");
  await failed;
  assert(!transport.secure);
});

Deno.test("S17: garbage under TLS ends the connection, and nothing else", async () => {
  using port = await OpenPort.open("tls", { certificate });
  const client = connect({ host: "127.0.0.1", port: port.number });
  client.on("error", () => client.destroy());
  const closed = once(client, "close");
  const arrival = await port.arrival();
  client.write(octets(`\x16\x03\x01\x40\x00${"\x80".repeat(20_000)}`));
  await assert.rejects(arrival.accept());
  client.resume();
  await closed;
});
