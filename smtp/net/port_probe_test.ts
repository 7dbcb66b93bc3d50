import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import type { Endpoint } from "./transport.ts";
import { fastClock } from "../testing/real_time.ts";
import { PortProbe } from "./port_probe.ts";

/** Tries the port ten times a second. */
const clock = fastClock(100);

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

Deno.test("PortProbe knows its own connections", async () => {
  const probe = new PortProbe(clock);
  const verdicts: (boolean | Promise<boolean>)[] = [];
  const seen = Promise.withResolvers<void>();
  const closed: Promise<void>[] = [];
  const onSocket = (socket: Socket) => {
    probe.accepted();
    verdicts.push(probe.isTrial(socket.remotePort!));
    closed.push(new Promise((resolve) => socket.once("close", resolve)));
    socket.destroy();
    if (verdicts.length === 3) seen.resolve();
  };
  await withServer(onSocket, async (endpoint) => {
    probe.start(endpoint, () => {});
    await seen.promise;
    probe.stop();
    await Promise.all(closed);
    assert.deepEqual(await Promise.all(verdicts), [true, true, true]);
  });
});

Deno.test("PortProbe does not mistake a client for its own connection", async () => {
  const probe = new PortProbe(clock);
  assert.equal(probe.isTrial(1), false);
  const verdict = Promise.withResolvers<boolean>();
  const onSocket = async (socket: Socket) => {
    // Not accepted yet, as far as the probe knows: the trial is in progress until its timeout.
    if (await probe.isTrial(socket.remotePort!)) {
      verdict.resolve(await probe.isTrial(socket.remotePort! + 1));
    }
    probe.accepted();
    socket.destroy();
  };
  await withServer(onSocket, async (endpoint) => {
    probe.start(endpoint, () => {});
    assert.equal(await verdict.promise, false);
    probe.stop();
  });
});

Deno.test("PortProbe reports a port that does not accept", async () => {
  const silence = Promise.withResolvers<unknown>();
  const probe = new PortProbe(clock);
  await withServer((socket) => socket.destroy(), async (endpoint) => {
    probe.start(endpoint, silence.resolve);
    assert.equal((await silence.promise as Error).name, "AbortError");
    probe.stop();
  });
});

Deno.test("PortProbe reports a port that is closed", async () => {
  const silence = Promise.withResolvers<unknown>();
  const probe = new PortProbe(clock);
  let closed: Endpoint | undefined;
  await withServer(() => {}, (endpoint) => Promise.resolve(void (closed = endpoint)));
  probe.start(closed!, silence.resolve);
  assert(await silence.promise instanceof Deno.errors.ConnectionRefused);
  probe.stop();
});
