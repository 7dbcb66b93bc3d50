/**
 * Probes of our own ports, which can stop accepting connections.
 *
 * When the process has run out of file descriptors, Deno's node:net stops accepting for good without an error. So a quiet
 * port is tried from time to time.
 *
 * @module
 */
import { abortAfter, type Clock, every, type Timer } from "../clock.ts";
import type { Endpoint } from "./transport.ts";

/** How often a quiet port is tried. */
const INTERVAL_MS = 10_000;
/** How long to wait until a trial connection is accepted. */
const TRIAL_TIMEOUT_MS = 5_000;

/** Tries a port if no client has connected for a while. */
export class PortProbe {
  readonly #clock: Clock;
  #timer: Timer | undefined;
  /** The trial in progress. */
  #call: Promise<Deno.TcpConn> | undefined;
  /** Resolved by the next socket that is accepted. */
  #accepted = Promise.withResolvers<void>();
  #quiet = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts to try the port. @param onSilence Called when the port no longer accepts. */
  start(endpoint: Endpoint, onSilence: (cause: unknown) => void): void {
    this.#timer = every(this.#clock, INTERVAL_MS, () => {
      if (this.#quiet && this.#call === undefined) this.#try(endpoint, onSilence);
      this.#quiet = true;
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Notes that a socket was accepted. */
  accepted(): void {
    this.#quiet = false;
    this.#accepted.resolve();
  }

  /**
   * Returns whether a connection from this machine is a trial that must be closed; false at once if no trial is in progress.
   *
   * @param remotePort The port at the other end.
   */
  isTrial(remotePort: number): false | Promise<boolean> {
    if (this.#call === undefined) return false;
    return this.#call.then(({ localAddr }) => localAddr.port === remotePort, () => false);
  }

  async #try({ host, port }: Endpoint, onSilence: (cause: unknown) => void): Promise<void> {
    this.#accepted = Promise.withResolvers();
    using timeout = abortAfter(this.#clock, TRIAL_TIMEOUT_MS);
    const { signal } = timeout;
    // Connecting to the unspecified address reaches this machine, and needs no permission but the one to listen.
    const call = this.#call = Deno.connect({ hostname: host, port, signal });
    try {
      using _connection = await call;
      await before(signal, this.#accepted.promise);
    } catch (error) {
      if (this.#timer !== undefined && tellsSilence(error)) onSilence(error);
    } finally {
      this.#call = undefined;
    }
  }
}

/** Waits for an event. @throws the signal's reason if that comes first. */
async function before(signal: AbortSignal, event: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  await Promise.race([event, promise]);
}

/** Whether an error shows that the port is dead. A lack of descriptors for the trial itself does not. */
function tellsSilence(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionRefused ||
    error instanceof DOMException && error.name === "AbortError";
}
