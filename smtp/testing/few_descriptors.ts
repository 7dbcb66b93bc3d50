/**
 * A program with a port on each kind of socket, for runs with few file descriptors. Prints the ports, then a line for each
 * failure to accept. With a third argument, it rejects every client.
 *
 * @module
 */
import { TcpNetwork } from "../net/network.ts";
import { NO_PROXY } from "./open_port.ts";
import { fastClock } from "./fast_clock.ts";
import type { Arrival } from "../net/transport.ts";

// The proxy does this as well. Deno opens descriptors for its first signal handler, and panics if there are none.
Deno.addSignalListener("SIGTERM", () => Deno.exit());

const GREETING = new TextEncoder().encode("220 hello\r\n");

const [cert = "", key = "", turnsAway] = Deno.args;

const network = new TcpNetwork({
  certificate: { cert, key },
  proxyProtocol: NO_PROXY,
  inspectionDelayMs: 0,
  clock: fastClock(100),
  observe: (event) => {
    if (event.type === "listener-failure") {
      console.log(`failure at ${event.address} ${event.cause}`);
    }
  },
});

async function serve(arrival: Arrival): Promise<void> {
  const { transport } = await arrival.accept();
  await transport.write(GREETING);
  while (await transport.read() !== null);
  transport.close();
}

const onArrival = (arrival: Arrival) => {
  if (turnsAway) return arrival.reject(GREETING);
  serve(arrival).catch(() => {}); // The client has disconnected, as the test wants it to.
};

const KINDS = { native: "plain", node: "starttls" } as const;

for (const [sockets, kind] of Object.entries(KINDS)) {
  const { endpoint } = await network.listen({ kind, host: "127.0.0.1", port: 0 }, onArrival);
  console.log(`${sockets} ${endpoint.port}`);
}
