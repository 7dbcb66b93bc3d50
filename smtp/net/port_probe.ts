/**
 * Probes of our own ports: a port may have stopped accepting.
 *
 * When the process has run out of file descriptors, Deno's node:net stops accepting for good, and says nothing. So a port
 * that nobody connects to is tried from time to time.
 *
 * @module
 */
import { abortAfter, type Clock, every, type Timer } from "../clock.ts";
import type { Endpoint } from "./transport.ts";

/** How often a quiet port is tried. */
const INTERVAL_MS = 10_000;
/** How long a connection of our own may take to be accepted. */
const TRIAL_TIMEOUT_MS = 5_000;

/** Tries one port. */
export class PortProbe {
  readonly #clock: Clock;
  #timer: Timer | undefined;
  /** The connection of our own that is under way. */
  #call: Promise<Deno.TcpConn> | undefined;
  /** Resolved by the next socket that is accepted. */
  #accepted = Promise.withResolvers<void>();
  #quiet = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins to try the port. @param onSilence Called when the port does not accept any more. */
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
   * Whether a connection from this machine was made to try the port, and has to be closed.
   *
   * @param remotePort Its port at the other end.
   * @returns false at once where no trial is under way.
   */
  isTrial(remotePort: number): false | Promise<boolean> {
    if (this.#call === undefined) return false;
    return this.#call.then(({ localAddr }) => localAddr.port === remotePort, () => false);
  }

  async #try({ host, port }: Endpoint, onSilence: (cause: unknown) => void): Promise<void> {
    this.#accepted = Promise.withResolvers();
    using patience = abortAfter(this.#clock, TRIAL_TIMEOUT_MS);
    const { signal } = patience;
    // The unspecified address, when connected to, is this machine; and no other permission is needed than to listen.
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

/** @throws the signal's reason when it comes first. */
async function before(signal: AbortSignal, event: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  await Promise.race([event, promise]);
}

/** Anything else, such as a lack of descriptors for the probe itself, says nothing about the port. */
function tellsSilence(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionRefused ||
    error instanceof DOMException && error.name === "AbortError";
}
