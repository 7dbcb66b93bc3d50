/**
 * A thread that serves clients; what it does not have itself, it asks of the main thread.
 *
 * @module
 */
import { startTcpService, type TcpService } from "../tcp/tcp_service.ts";
import { Channel, type Port, portableCause } from "./channel.ts";
import type { Clerk, Office } from "./contract.ts";
import { RemoteGatekeeper, remotePorts, RemoteWatches } from "./remote_ports.ts";

let service: TcpService;

const clerk: Clerk = {
  async start(settings, censusMemory) {
    const ports = { ...remotePorts(office), gatekeeper };
    const sharedWatch = () => watches.create();
    service = await startTcpService(settings, ports, { censusMemory, sharedWatch });
    return service.endpoints;
  },
  evict: (accountId) => gatekeeper.evict(accountId),
  reopen: (endpoint, cause) => watches.reopen(endpoint, cause),
  revoke: (revoked) => service.revoke(revoked),
  forget: (accountId) => service.forget(accountId),
  useCertificate: (pair) => service.useCertificate(pair),
  stop: (graceSeconds) => service.stop(graceSeconds),
};

const office = new Channel<Office>(globalThis as unknown as Port, clerk);
const gatekeeper = new RemoteGatekeeper(office);
const watches = new RemoteWatches(office);

/** An error that nothing has caught is one connection's, most likely: the others go on, and the main thread counts. */
function report(event: Event, error: unknown): void {
  event.preventDefault();
  office.tell("fault", portableCause(error));
}

globalThis.addEventListener("error", (event) => report(event, event.error));
globalThis.addEventListener("unhandledrejection", (event) => report(event, event.reason));
