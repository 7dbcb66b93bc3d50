/**
 * An HTTP server on several addresses, with a certificate that can be replaced.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import type { ListenConfig } from "../config/mod.ts";
import { errorText } from "../base/mod.ts";
import { usableHosts } from "./listen_hosts.ts";
import { formatAddress } from "../../smtp/mod.ts";
import { getLogger } from "../log/mod.ts";

/** PEM of a certificate chain and its key. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** What a server is given. */
export interface HttpServerOptions extends ListenConfig {
  /** Present: HTTPS. */
  readonly pair?: Pair;
  readonly handler: Deno.ServeHandler<Deno.NetAddr>;
}

/** Pages are small; a request that takes longer is one that waits for news. */
const STOP_GRACE_MS = 3_000;
const REOPEN_PAUSE_MS = 5;
const REOPEN_ATTEMPTS = 200;

const log = getLogger("http");

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #hosts: readonly string[];
  #servers: readonly Deno.HttpServer<Deno.NetAddr>[];

  /** Opens the ports. @throws when one cannot be opened. */
  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#hosts = usableHosts(options.hosts);
    this.#servers = this.#listen(options.pair);
  }

  /** Where it listens. */
  get addresses(): readonly string[] {
    const scheme = this.#options.pair ? "https" : "http";
    return this.#servers.map(({ addr }) =>
      `${scheme}://${formatAddress(addr.hostname, addr.port)}`
    );
  }

  /**
   * Uses another certificate for the connections to come. Deno's server cannot change it, so the ports are closed and
   * opened again at once; requests under way are finished.
   *
   * @throws when a port cannot be opened again.
   */
  async useCertificate(pair: Pair): Promise<void> {
    for (const server of this.#servers) void server.shutdown();
    this.#servers = [];
    this.#servers = await this.#listenAgain(pair);
  }

  /** Closes the ports. Resolves when the requests under way are finished, or have had their time. */
  async stop(): Promise<void> {
    const finished = this.#servers.map((server) => server.shutdown());
    await Promise.race([Promise.all(finished), delay(STOP_GRACE_MS, undefined, { ref: false })]);
  }

  /** The system needs a moment to close a port. */
  async #listenAgain(pair: Pair): Promise<readonly Deno.HttpServer<Deno.NetAddr>[]> {
    for (let attempt = 1;; attempt++) {
      await delay(REOPEN_PAUSE_MS);
      try {
        return this.#listen(pair);
      } catch (error) {
        if (!(error instanceof Deno.errors.AddrInUse) || attempt === REOPEN_ATTEMPTS) throw error;
      }
    }
  }

  #listen(pair: Pair | undefined): readonly Deno.HttpServer<Deno.NetAddr>[] {
    const { port, handler } = this.#options;
    const options = { port, automaticCompression: true, onListen: () => {}, onError, ...pair };
    return this.#hosts.map((hostname) => Deno.serve({ ...options, hostname }, handler));
  }
}

/** A handler answers its own errors; this is what slipped through. */
function onError(error: unknown): Response {
  log.error("request failed", { error: errorText(error) });
  return new Response("Internal Server Error", { status: 500 });
}
