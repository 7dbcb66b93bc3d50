/**
 * Finding out whether a port of this process still takes connections.
 *
 * When the process has run out of file descriptors, Deno's node:net stops accepting for good, and says nothing. So a port
 * that nobody connects to is tried from time to time.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Endpoint } from "../transport.ts";

/** Tries one port. */
export class PortProbe {
  readonly #intervalMs: number;
  readonly #onSilence: (cause: unknown) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** The connection of our own that is under way. */
  #call: Promise<Deno.TcpConn> | undefined;
  /** Resolved by the next socket that is accepted. */
  #accepted = Promise.withResolvers<void>();
  #quiet = true;

  /**
   * @param intervalMs A connection of our own may take half of it to be accepted.
   * @param onSilence Told that the port does not accept any more.
   */
  constructor(intervalMs: number, onSilence: (cause: unknown) => void) {
    this.#intervalMs = intervalMs;
    this.#onSilence = onSilence;
  }

  start(endpoint: Endpoint): void {
    this.#timer = setInterval(() => {
      if (this.#quiet && this.#call === undefined) this.#try(endpoint);
      this.#quiet = true;
    }, this.#intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Takes an accepted socket: the probe's own is closed, any other goes on. */
  sort(socket: Socket, goOn: () => void): void {
    this.#quiet = false;
    this.#accepted.resolve();
    const call = this.#call;
    if (call === undefined || socket.remoteAddress !== socket.localAddress) return goOn();
    call.then(({ localAddr }) => localAddr.port === socket.remotePort, () => false)
      .then((isOurs) => {
        if (isOurs) return socket.destroy();
        // Octets that have come in several pieces meanwhile would be too much for node:tls.
        const early = socket.read();
        if (early !== null) socket.unshift(early);
        goOn();
      });
  }

  async #try({ host, port }: Endpoint): Promise<void> {
    this.#accepted = Promise.withResolvers();
    const signal = AbortSignal.timeout(this.#intervalMs / 2);
    // The unspecified address, when connected to, is this machine; and no other permission is needed than to listen.
    const call = this.#call = Deno.connect({ hostname: host, port, signal });
    try {
      using _connection = await call;
      await before(signal, this.#accepted.promise);
    } catch (error) {
      if (this.#timer !== undefined && tellsSilence(error)) this.#onSilence(error);
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
    error instanceof DOMException && error.name === "TimeoutError";
}
