/**
 * Listening on this machine only.
 *
 * @module
 */
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

/** Where all of the simulator listens. */
export const LOOPBACK = "127.0.0.1";

/**
 * Lets a server listen on the loopback interface.
 *
 * @param port 0: a free one.
 * @returns the port.
 * @throws when the port is taken.
 */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  server.listen(port, LOOPBACK);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Stops listening and cuts every connection. */
export async function closeServer(
  server: Server & { closeAllConnections?(): void },
): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections?.();
  await closed;
}
