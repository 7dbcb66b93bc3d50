/**
 * A TCP proxy on this machine that a test makes cut, refuse, swallow or delay.
 *
 * @module
 */
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";

const HOST = "127.0.0.1";

/** The fate of a connection: it is cut, or nothing comes through any more. */
type Loss = "cut" | "swallow";

/** Waits for data with a text. */
interface Trap {
  readonly text: string;
  readonly loss: Loss;
  readonly onLoss: () => void;
}

/** Passes connections on to another port, until it is told otherwise. */
export class TcpProxy implements AsyncDisposable {
  /** Where new connections go, from now on. */
  target: number;
  readonly #sockets = new Set<Socket>();
  readonly #waiting: (() => void)[] = [];
  #server: Server | undefined;
  #port = 0;
  #swallows = false;
  #trap: Trap | undefined;
  /** Connections to the other port that have fallen into a trap. */
  readonly #lost = new Map<Socket, () => void>();
  /** Each piece of data is passed on so much later, from now on. */
  delayMs = 0;

  private constructor(target: number) {
    this.target = target;
  }

  /** Starts one in front of a port. */
  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await proxy.#listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** Ends all connections at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Cuts, and refuses connections, until {@linkcode pass}. */
  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = server && once(server, "close");
    server?.close();
    this.cut();
    await closed;
  }

  /** Accepts everything and passes nothing on, as a network that is down, until {@linkcode pass}. */
  swallow(): void {
    this.#swallows = true;
  }

  /**
   * Passes the next data that contains a text on, and loses the connection before the answer to it. Resolves when that has
   * arrived here.
   */
  loseAnswerTo(text: string, loss: Loss): Promise<void> {
    return new Promise((onLoss) => this.#trap = { text, loss, onLoss });
  }

  /** Works again. What was swallowed arrives late. */
  async pass(): Promise<void> {
    this.#swallows = false;
    for (const resume of this.#waiting.splice(0)) resume();
    if (!this.#server) await this.#listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#swallows = false;
    await this.refuse();
    for (const resume of this.#waiting.splice(0)) resume();
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    server.listen(this.#port, HOST);
    await once(server, "listening");
    this.#server = server;
    const address = server.address();
    if (address && typeof address === "object") this.#port = address.port;
  }

  #accept(client: Socket): void {
    const upstream = createConnection(this.target, HOST);
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      this.#sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      void this.#pump(from, to);
    }
  }

  async #pump(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const data of from) {
        if (this.delayMs > 0) await new Promise((done) => setTimeout(done, this.delayMs));
        if (this.#swallows) await new Promise<void>((resume) => this.#waiting.push(resume));
        if (this.#isLost(from, to)) continue;
        if (!to.destroyed) to.write(data);
        if (this.#trap && data.includes(this.#trap.text)) this.#spring(this.#trap, from, to);
      }
      to.end();
    } catch {
      // One side has gone: the other one is destroyed by `close`.
    }
  }

  #spring({ loss, onLoss }: Trap, client: Socket, upstream: Socket): void {
    this.#trap = undefined;
    this.#lost.set(upstream, () => {
      if (loss === "cut") client.resetAndDestroy();
      onLoss();
    });
  }

  #isLost(from: Socket, to: Socket): boolean {
    this.#lost.get(from)?.();
    return this.#lost.has(from) || this.#lost.has(to);
  }
}
