/**
 * A web server on several addresses and ports, with limits on time and number, and a certificate that can be replaced.
 *
 * It stands on node:http: Deno's own server has no limits, and cannot replace a certificate.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import {
  type AddressMatcher,
  canonicalAddress,
  type CertificatePair,
  formatAddress,
  PortProbe,
} from "../../smtp/mod.ts";
import { type Clock, errorText, SECOND_MS, systemClock } from "../base/mod.ts";
import type { ListenConfig } from "../config/mod.ts";
import { getLogger, type LineDigest } from "../log/mod.ts";
import { type HttpConnection, HttpConnections } from "./connections.ts";
import { DEFAULT_HTTP_LIMITS, EXCESS_REQUESTS_PER_CONNECTION, type HttpLimits } from "./limits.ts";
import { usableHosts } from "./ports.ts";
import { BadRequest, readRequest } from "./request.ts";
import { sendResponse } from "./response.ts";
import { discardRest, refusal, refuseConnection, refuseFlood } from "./refusal.ts";

/** Answers requests. */
export type HttpHandler = (
  request: Request,
  info: { readonly remoteAddr: Deno.NetAddr },
) => Response | Promise<Response>;

/** Options of an {@linkcode HttpServer}. */
export interface HttpServerOptions extends ListenConfig {
  /** Present: HTTPS. */
  readonly pair?: CertificatePair;
  readonly handler: HttpHandler;
  /** Peers that stand for many clients: no limit by network holds for them. */
  readonly trustProxy?: Pick<AddressMatcher, "includes">;
  readonly limits?: Partial<HttpLimits>;
  /** Takes the lines about clients beyond the limits. Absent: they are turned away in silence. */
  readonly digest?: Pick<LineDigest, "write">;
  /** Says when quiet ports are tried. Default: the system's. */
  readonly clock?: Clock;
}

/** Pages are small: a request that takes longer is waiting for news. */
const STOP_GRACE_MS = 3 * SECOND_MS;
const LOOPBACK = /^(127\.|::1$)/;
/** Under TLS node:http sees the socket above that which was counted; node:tls does not say so in its types. */
type Layered = Socket & { readonly _parent?: Socket };

const log = getLogger("http");

/** Serves HTTP or HTTPS on ports of several addresses. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #limits: HttpLimits;
  readonly #connections: HttpConnections;
  readonly #bySocket = new WeakMap<Socket, HttpConnection>();
  #pair: CertificatePair | undefined;
  #ports: readonly Port[] = [];
  #stopped = false;

  private constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
    this.#connections = new HttpConnections(this.#limits);
    this.#pair = options.pair;
  }

  /** Opens the ports. @throws if one cannot be opened. */
  static async open(options: HttpServerOptions): Promise<HttpServer> {
    const server = new HttpServer(options);
    const { hosts, clock = systemClock } = options;
    const create = () => server.#createServer();
    const ports = options.ports.flatMap((port) =>
      usableHosts(hosts, port).map((host) => new Port({ host, port }, create))
    );
    server.#ports = ports;
    try {
      for (const port of ports) await port.open(clock);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** URLs that it serves. */
  get addresses(): readonly string[] {
    return this.#ports.map(({ host, port }) => `${this.#scheme}://${formatAddress(host, port)}`);
  }

  /** Uses another certificate for new connections. */
  useCertificate(pair: CertificatePair): void {
    this.#pair = pair;
    for (const port of this.#ports) port.useCertificate(pair);
  }

  /**
   * Closes the ports. Resolves when the requests in progress are finished, or have had their time.
   *
   * @param graceMs Limit for requests, in milliseconds; never more than {@linkcode STOP_GRACE_MS}.
   */
  async stop(graceMs: number = STOP_GRACE_MS): Promise<void> {
    this.#stopped = true;
    for (const port of this.#ports) port.close();
    this.#connections.closeIdle();
    const deadline = performance.now() + Math.min(graceMs, STOP_GRACE_MS);
    while (this.#connections.open.size > 0 && performance.now() < deadline) await delay(10);
    this.#connections.closeAll();
  }

  get #scheme(): "http" | "https" {
    return this.#pair ? "https" : "http";
  }

  #createServer(): Server | TlsServer {
    const { headerMs, requestMs, keepAliveMs, handshakeMs } = this.#limits;
    const options = {
      ...this.#pair,
      headersTimeout: headerMs,
      requestTimeout: requestMs,
      keepAliveTimeout: keepAliveMs,
      handshakeTimeout: handshakeMs,
      connectionsCheckingInterval: Math.min(headerMs, requestMs) / 4,
      requireHostHeader: false, // The answer would lack our headers.
      noDelay: true,
    };
    const handle = (message: IncomingMessage, answer: ServerResponse) =>
      this.#handle(message, answer);
    const server = this.#pair
      ? createTlsServer({ ...options, minVersion: "TLSv1.2" }, handle)
      : createServer(options, handle);
    server.on("checkExpectation", handle);
    server.prependListener("connection", (socket: Socket) => this.#accept(socket));
    server.on("clientError", (error: Error, socket: Socket) => this.#refuseInput(socket, error));
    server.on("connect", ({ socket }: IncomingMessage) => {
      this.#refuseInput(socket, new Error("CONNECT is for proxies"));
    });
    return server;
  }

  /** Ends a connection on which something came that is no request. What came before it is answered. */
  #refuseInput(socket: Socket, error: Error): void {
    log.debug("bad request", { error: errorText(error) });
    const connection = this.#connectionOf(socket);
    const { waitingCount = 0, latest } = connection ?? {};
    const isUnanswered = waitingCount === 0 || waitingCount === 1 && !latest?.headersSent;
    if (connection && waitingCount > 0 && latest?.req.complete) {
      this.#exceed(socket, connection);
    } else if (isUnanswered) refuseConnection(socket, error, this.#limits.lingerMs);
    else socket.destroy();
  }

  #accept(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    const address = socket.remoteAddress && canonicalAddress(socket.remoteAddress);
    const trusted = address !== undefined &&
      (LOOPBACK.test(address) || this.#options.trustProxy?.includes(address) === true);
    // A socket without an address was reset already.
    if (!address || this.#stopped) return void socket.destroy();
    const connection = this.#connections.enter(socket, address, trusted);
    if (!connection) return this.#turnAway(socket, address);
    this.#bySocket.set(socket, connection);
    socket.once("close", () => this.#connections.leave(connection));
  }

  #turnAway(socket: Socket, address: string): void {
    socket.destroy();
    this.#options.digest?.write({
      level: "info",
      message: "web client turned away",
      reason: "too many connections",
      address,
      properties: { client: address, reason: "too many connections" },
    });
  }

  #connectionOf(socket: Layered): HttpConnection | undefined {
    return this.#bySocket.get(socket) ?? (socket._parent && this.#bySocket.get(socket._parent));
  }

  /** Answers the requests of a connection one after the other (RFC 9112 section 9.3.2). */
  #handle(message: IncomingMessage, answer: ServerResponse): void {
    answer.on("error", () => message.socket.destroy());
    const connection = this.#connectionOf(message.socket);
    if (connection && this.#connections.begin(connection)) {
      connection.latest = answer;
      const serve = () => this.#serve(message, answer, connection);
      connection.answered = connection.answered.then(serve);
    } else {
      // Else node:http makes an error with a stack for each when the connection closes: thousands hold up the process for seconds.
      message.destroy = () => message;
      this.#exceed(message.socket, connection);
    }
  }

  /** Counts what gets no answer, and so is the end of its connection. */
  #exceed(socket: Socket, connection: HttpConnection | undefined): void {
    if (!connection || ++connection.excessCount !== EXCESS_REQUESTS_PER_CONNECTION) return;
    if (connection.isSending) socket.destroy();
    else refuseFlood(socket);
  }

  async #serve(
    message: IncomingMessage,
    answer: ServerResponse,
    connection: HttpConnection,
  ): Promise<void> {
    const { socket } = message;
    try {
      const request = socket.writableEnded ? undefined : await this.#read(message);
      connection.isSending = request instanceof Response;
      if (request instanceof Response) await this.#refuse(message, answer, request);
      else if (request) await this.#respond(request, message, answer, connection);
    } catch (error) {
      log.error("answer not sent", { error: errorText(error) });
      socket.destroy();
    } finally {
      connection.isSending = false;
      connection.waitingCount--;
    }
  }

  async #refuse(message: IncomingMessage, answer: ServerResponse, refusal: Response) {
    answer.shouldKeepAlive = false;
    const rest = () => discardRest(message, this.#limits.lingerMs);
    await sendResponse(answer, refusal, headOf(message), this.#limits, rest);
  }

  async #respond(
    request: Request,
    message: IncomingMessage,
    answer: ServerResponse,
    connection: HttpConnection,
  ): Promise<void> {
    connection.isWorking = true;
    const response = await this.#answer(request, message.socket);
    connection.isWorking = false;
    if (message.socket.writableEnded) return;
    connection.isSending = true;
    const isLast = this.#stopped || response.headers.get("connection") === "close" ||
      connection.excessCount > 0 && connection.waitingCount === 1;
    if (isLast) answer.shouldKeepAlive = false;
    await sendResponse(answer, response, headOf(message), this.#limits);
  }

  /** Returns the request, or a refusal; `undefined` if the client has gone. */
  async #read(message: IncomingMessage): Promise<Request | Response | undefined> {
    try {
      return await readRequest(message, this.#scheme, this.#limits.bodyOctets);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      log.debug("bad request", { client: message.socket.remoteAddress, error: error.message });
      return refusal(error.status);
    }
  }

  async #answer(request: Request, { remoteAddress = "", remotePort = 0 }: Socket) {
    const hostname = canonicalAddress(remoteAddress);
    try {
      const remoteAddr = { transport: "tcp", hostname, port: remotePort } as const;
      return await this.#options.handler(request, { remoteAddr });
    } catch (error) {
      log.error("request failed", { error: errorText(error) });
      return refusal(500);
    }
  }
}

function headOf({ method = "GET", headers }: IncomingMessage) {
  return { method, acceptEncoding: String(headers["accept-encoding"] ?? "") };
}

/** One open port, opened again when it does not accept any more. */
class Port {
  readonly host: string;
  readonly #create: () => Server | TlsServer;
  #port: number;
  #server: Server | TlsServer | undefined;
  readonly #closed = new AbortController();
  #probe: PortProbe | undefined;

  constructor({ host, port }: { host: string; port: number }, create: () => Server | TlsServer) {
    this.host = host;
    this.#port = port;
    this.#create = create;
  }

  get port(): number {
    return this.#port;
  }

  async open(clock: Clock): Promise<void> {
    const probe = this.#probe = new PortProbe(clock);
    await this.#listen();
    const { host, port } = this;
    probe.start({ kind: "plain", host, port }, (cause) => void this.#reopen(cause));
  }

  useCertificate(pair: CertificatePair): void {
    const server = this.#server;
    if (server && "setSecureContext" in server) {
      server.setSecureContext({ ...pair, minVersion: "TLSv1.2" });
    }
  }

  close(): void {
    this.#closed.abort();
    this.#probe?.stop();
    this.#server?.close();
  }

  async #listen(): Promise<void> {
    const server = this.#server = this.#create();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.on("connection", () => this.#probe?.accepted());
    server.once("error", reject).listen({ host: this.host, port: this.#port }, resolve);
    await promise;
    server.off("error", reject).on("error", (error) => this.#report(error));
    this.#port = (server.address() as { port: number }).port;
  }

  async #reopen(cause: unknown): Promise<void> {
    this.#report(cause);
    this.#server?.close();
    if (!this.#closed.signal.aborted) {
      await this.#listen().catch((error) => this.#report(error));
    }
  }

  #report(cause: unknown): void {
    const address = formatAddress(this.host, this.#port);
    log.error("port does not accept and is opened again", { address, error: errorText(cause) });
  }
}
