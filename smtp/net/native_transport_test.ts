/** Plain clients and the upstream, over real sockets. */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { octets, text } from "../testing/assertions.ts";
import { OpenPort, type SocketClient } from "../testing/open_port.ts";
import { Flood } from "../testing/real_time.ts";
import type { Transport } from "./transport.ts";
import { systemClock } from "../../lib/base/mod.ts";
import { NativeTransport, TcpDialer } from "./native_transport.ts";

/** Runs a test with both ends of one connection. */
async function withConnection(
  test: (client: SocketClient, transport: Transport) => Promise<void>,
): Promise<void> {
  using port = await OpenPort.open("plain");
  using client = await port.connect();
  const { transport } = await port.accepted();
  try {
    await test(client, transport);
  } finally {
    transport.close();
    await client.readAll().catch(() => "");
  }
}

Deno.test("NativeTransport carries octets both ways", () =>
  withConnection(async (client, transport) => {
    assert(transport instanceof NativeTransport);
    assert(!transport.secure);
    assert.equal(transport.remoteAddress, "127.0.0.1");
    await client.write("EHLO client\r\n");
    assert.equal(text((await transport.read())!), "EHLO client\r\n");
    await transport.write(octets("250 OK\r\n"));
    assert.equal(await client.read(), "250 OK\r\n");
  }));

Deno.test("NativeTransport reads large pieces of a message, and every octet once", () =>
  withConnection(async (client, transport) => {
    const message = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);
    const sending = client.writeOctets(message);
    const received = new Uint8Array(message.length);
    let largest = 0;
    for (let at = 0; at < message.length;) {
      const piece = (await transport.read(true))!;
      received.set(piece, at);
      at += piece.length;
      largest = Math.max(largest, piece.length);
    }
    await sending;
    assert.deepEqual(received, message);
    assert(largest > 4_096, "message data should not be read in small pieces");
    for (const command of ["RSET\r\n", "NOOP\r\n"]) {
      await client.write(command);
      assert.equal(text((await transport.read())!), command);
    }
  }));

Deno.test("NativeTransport.close() lets the last octets arrive", () =>
  withConnection(async (client, transport) => {
    await transport.write(octets("221 Bye\r\n"));
    transport.close();
    transport.close();
    assert.equal(await client.readAll(), "221 Bye\r\n");
  }));

Deno.test("NativeTransport.close() ends a pending read", () =>
  withConnection(async (_client, transport) => {
    const reading = transport.read();
    transport.close();
    const outcome = await reading.catch((error) => error);
    assert(outcome === null || outcome instanceof Error);
    await assert.rejects(transport.write(octets("late")));
  }));

Deno.test("U6: NativeTransport returns null when the client half-closes, and can still answer", () =>
  withConnection(async (client, transport) => {
    await client.write("QUIT\r\n");
    await client.halfClose();
    assert.equal(text((await transport.read())!), "QUIT\r\n");
    assert.equal(await transport.read(), null);
    assert.equal(await transport.read(), null);
    await transport.write(octets("221 Bye\r\n"));
    transport.close();
    assert.equal(await client.readAll(), "221 Bye\r\n");
  }));

Deno.test("D4: NativeTransport.write() waits for a peer that does not read", () =>
  withConnection(async (client, transport) => {
    const flood = new Flood((octets) => transport.write(octets));
    await flood.assertStalls();
    await flood.drain(() => client.readOctets());
  }));

Deno.test("D4: NativeTransport holds back a client that is not read from", () =>
  withConnection(async (client, transport) => {
    const flood = new Flood((octets) => client.writeOctets(octets));
    await flood.assertStalls();
    await flood.drain(() => transport.read());
  }));

/** Runs a test with a server that does something to its first connection. */
async function withServer(
  onSocket: (socket: Socket) => void,
  test: (port: number) => Promise<void>,
): Promise<void> {
  const server = createServer(onSocket);
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  await test((server.address() as { port: number }).port);
  await new Promise((resolve) => server.close(resolve));
}

function dial(port: number): Promise<Transport> {
  const destination = { host: "127.0.0.1", port, implicitTls: false };
  return new TcpDialer(systemClock).connect(destination, new AbortController().signal);
}

Deno.test("NativeTransport rejects when the peer resets the connection", () =>
  withServer((socket) => socket.once("data", () => socket.resetAndDestroy()), async (port) => {
    const transport = await dial(port);
    await transport.write(octets("EHLO proxy.example\r\n"));
    await assert.rejects(transport.read());
    transport.close();
  }));

Deno.test("U1: TcpDialer rejects when no server listens", async () => {
  let closedPort = 0;
  await withServer(() => {}, (port) => Promise.resolve(void (closedPort = port)));
  await assert.rejects(dial(closedPort), Deno.errors.ConnectionRefused);
});

Deno.test("U1: TcpDialer gives up when its signal aborts", async () => {
  const signal = AbortSignal.abort(new Error("too late"));
  const destination = { host: "127.0.0.1", port: 9, implicitTls: false };
  await assert.rejects(new TcpDialer(systemClock).connect(destination, signal), /too late/);
});

Deno.test("U1: TcpDialer gives up on a server that does not finish the handshake", async () => {
  const giveUp = new AbortController();
  const sockets: Socket[] = [];
  const onSocket = (socket: Socket) => {
    sockets.push(socket);
    socket.on("error", () => socket.destroy()).once("data", () => giveUp.abort());
  };
  await withServer(onSocket, async (port) => {
    const destination = { host: "127.0.0.1", port, implicitTls: true };
    await assert.rejects(new TcpDialer(systemClock).connect(destination, giveUp.signal));
    for (const socket of sockets) socket.destroy();
  });
});
