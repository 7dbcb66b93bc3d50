/**
 * Clients that hold connections by sending next to nothing, and come back when they are cut off.
 *
 * @module
 */

const DRIP_INTERVAL_MS = 1_000;
const READ_OCTETS = 512;

/** Commands that are allowed before a login, over and over. */
const COMMANDS = new TextEncoder().encode("EHLO slow.test\r\nNOOP\r\n");

/** A TLS record whose handshake message, a ClientHello (RFC 8446 section 4.1.2), has 508 octets; most of them never come. */
const CLIENT_HELLO = new Uint8Array(517);
CLIENT_HELLO.set([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);

/** The words of an attacker, an octet a second. */
export const DRIPS = { login: COMMANDS, handshake: CLIENT_HELLO } as const;

interface Held {
  readonly connection: Deno.TcpConn;
  readonly drip: Uint8Array;
  readonly sinceMs: number;
  sentCount: number;
}

/** A crowd of them, in this process. */
export class SlowLoris implements Disposable {
  /** How long the connections lived that were cut off, in milliseconds. */
  readonly lifetimesMs: number[] = [];
  readonly #held = new Set<Held>();
  readonly #ticker: ReturnType<typeof setInterval>;
  #ended = false;

  constructor() {
    this.#ticker = setInterval(() => this.#held.forEach(sendOctet), DRIP_INTERVAL_MS);
  }

  /** Connections that are open now. */
  get heldCount(): number {
    return this.#held.size;
  }

  /** How long the oldest of them has been open, in milliseconds. */
  get longestMs(): number {
    const ages = [...this.#held].map(({ sinceMs }) => performance.now() - sinceMs);
    return Math.max(0, ...ages, ...this.lifetimesMs);
  }

  /** Adds attackers. @returns when all of them are connected. */
  async add(count: number, port: number, drip: Uint8Array): Promise<void> {
    for (let added = 0; added < count; added++) {
      const held = await this.#connect(port, drip);
      void this.#hold(held, port);
    }
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    clearInterval(this.#ticker);
    for (const { connection } of this.#held) connection.close();
  }

  async #connect(port: number, drip: Uint8Array): Promise<Held> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const held = { connection, drip, sinceMs: performance.now(), sentCount: 0 };
    this.#held.add(held);
    return held;
  }

  /** Stays until it is cut off, and begins again. */
  async #hold(held: Held, port: number): Promise<void> {
    while (!this.#ended) {
      await ended(held.connection);
      if (this.#ended) return;
      this.lifetimesMs.push(performance.now() - held.sinceMs);
      this.#held.delete(held);
      held.connection.close();
      held = await this.#connect(port, held.drip);
    }
  }
}

function sendOctet(held: Held): void {
  const position = held.sentCount++ % held.drip.length;
  // Who was cut off learns it from reading.
  held.connection.write(held.drip.subarray(position, position + 1)).catch(() => {});
}

/** Reads until the other side ends the connection. */
async function ended(connection: Deno.TcpConn): Promise<void> {
  const octets = new Uint8Array(READ_OCTETS);
  try {
    while (await connection.read(octets) !== null);
  } catch {
    // A reset is an end, too.
  }
}
