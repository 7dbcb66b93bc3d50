import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import type { Endpoint } from "../transport.ts";
import { PortProbe } from "./port_probe.ts";

const INTERVAL_MS = 20;

/** Runs a test with a server on a free port. */
async function withServer(
  onSocket: (socket: Socket) => void,
  test: (endpoint: Endpoint) => Promise<void>,
): Promise<void> {
  const server = createServer(onSocket);
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const { port } = server.address() as { port: number };
  await test({ kind: "starttls", host: "127.0.0.1", port });
  await new Promise((resolve) => server.close(resolve));
}

Deno.test("PortProbe keeps its own connections from becoming clients", async () => {
  const probe = new PortProbe(INTERVAL_MS, () => {});
  const seen = Promise.withResolvers<void>();
  const closed: Promise<void>[] = [];
  const passedOn: Socket[] = [];
  const onSocket = (socket: Socket) => {
    closed.push(new Promise((resolve) => socket.once("close", resolve)));
    if (closed.length === 3) seen.resolve();
    probe.sort(socket, () => passedOn.push(socket));
  };
  await withServer(onSocket, async (endpoint) => {
    probe.start(endpoint);
    await seen.promise;
    probe.stop();
    await Promise.all(closed);
    assert.equal(passedOn.length, 0);
  });
});

Deno.test("PortProbe passes clients on", async () => {
  const probe = new PortProbe(INTERVAL_MS, () => {});
  const passedOn = Promise.withResolvers<Socket>();
  const onSocket = (socket: Socket) => probe.sort(socket, () => passedOn.resolve(socket));
  await withServer(onSocket, async (endpoint) => {
    probe.start(endpoint);
    using client = await Deno.connect({ hostname: endpoint.host, port: endpoint.port });
    const socket = await passedOn.promise;
    assert.equal(socket.remotePort, client.localAddr.port);
    probe.stop();
    socket.destroy();
  });
});

Deno.test("PortProbe tells of a port that does not accept", async () => {
  const silence = Promise.withResolvers<unknown>();
  const probe = new PortProbe(INTERVAL_MS, silence.resolve);
  await withServer((socket) => socket.destroy(), async (endpoint) => {
    probe.start(endpoint);
    assert.equal((await silence.promise as Error).name, "TimeoutError");
    probe.stop();
  });
});

Deno.test("PortProbe tells of a port that is closed", async () => {
  const silence = Promise.withResolvers<unknown>();
  const probe = new PortProbe(INTERVAL_MS, silence.resolve);
  let closed: Endpoint | undefined;
  await withServer(() => {}, (endpoint) => Promise.resolve(void (closed = endpoint)));
  probe.start(closed!);
  assert(await silence.promise instanceof Deno.errors.ConnectionRefused);
  probe.stop();
});
