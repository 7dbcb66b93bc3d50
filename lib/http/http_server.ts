/**
 * An HTTP server on several addresses, with a certificate that can be replaced.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { type CertificatePair, formatAddress } from "../../smtp/mod.ts";
import { errorText } from "../base/mod.ts";
import type { ListenConfig } from "../config/mod.ts";
import { getLogger } from "../log/mod.ts";
import { usableHosts } from "./ports.ts";

/** Options of an {@linkcode HttpServer}. */
interface HttpServerOptions extends ListenConfig {
  /** Present: HTTPS. */
  readonly pair?: CertificatePair;
  readonly handler: Deno.ServeHandler<Deno.NetAddr>;
}

/** Pages are small: a request that takes longer is waiting for news. */
const STOP_GRACE_MS = 3_000;
const REOPEN_PAUSE_MS = 5;
const REOPEN_ATTEMPTS = 200;

const log = getLogger("http");

/** Serves HTTP or HTTPS on one port of several addresses. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #hosts: readonly string[];
  #servers: readonly Deno.HttpServer<Deno.NetAddr>[];

  /** Opens the ports. @throws if one cannot be opened. */
  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#hosts = usableHosts(options.hosts);
    this.#servers = this.#listen(options.pair);
  }

  /** URLs that it serves. */
  get addresses(): readonly string[] {
    const scheme = this.#options.pair ? "https" : "http";
    return this.#servers.map(({ addr }) =>
      `${scheme}://${formatAddress(addr.hostname, addr.port)}`
    );
  }

  /**
   * Uses another certificate for new connections. Deno's server cannot replace it, so the ports are closed and opened again
   * at once; requests in progress are finished.
   *
   * @throws if a port cannot be opened again.
   */
  async useCertificate(pair: CertificatePair): Promise<void> {
    for (const server of this.#servers) void server.shutdown();
    this.#servers = [];
    this.#servers = await this.#listenAgain(pair);
  }

  /** Closes the ports. Resolves when the requests in progress are finished, or have had their time. */
  async stop(): Promise<void> {
    const finished = this.#servers.map((server) => server.shutdown());
    await Promise.race([Promise.all(finished), delay(STOP_GRACE_MS, undefined, { ref: false })]);
  }

  /** Tries until the system has closed the ports. */
  async #listenAgain(pair: CertificatePair): Promise<readonly Deno.HttpServer<Deno.NetAddr>[]> {
    for (let attempt = 1;; attempt++) {
      await delay(REOPEN_PAUSE_MS);
      try {
        return this.#listen(pair);
      } catch (error) {
        if (!(error instanceof Deno.errors.AddrInUse) || attempt === REOPEN_ATTEMPTS) throw error;
      }
    }
  }

  #listen(pair: CertificatePair | undefined): readonly Deno.HttpServer<Deno.NetAddr>[] {
    const { port, handler } = this.#options;
    const options = { port, automaticCompression: true, onListen: () => {}, onError, ...pair };
    return this.#hosts.map((hostname) => Deno.serve({ ...options, hostname }, handler));
  }
}

/** Answers for an error that the handler let through. */
function onError(error: unknown): Response {
  log.error("request failed", { error: errorText(error) });
  return new Response("Internal Server Error", { status: 500 });
}
