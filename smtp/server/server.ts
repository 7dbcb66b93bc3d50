/**
 * The SMTP server: its ports, its sessions, its clock.
 *
 * @module
 */
import type { Backend, Login } from "../backend.ts";
import { type Clock, every, type Timer } from "../clock.ts";
import type { Observer } from "../events.ts";
import {
  type AddressMatcher,
  type Arrival,
  clientNetwork,
  type Endpoint,
  type Listener,
  type Network,
} from "../net/mod.ts";
import { Reply } from "../protocol/mod.ts";
import {
  type AllSessionLimits,
  FIXED_SESSION_LIMITS,
  Session,
  type SessionLimits,
  type SessionOptions,
} from "../session/mod.ts";
import { ConnectionLimit, type ServerLimits } from "./connection_limit.ts";

/** Options of the server. */
export interface SmtpServerOptions {
  readonly endpoints: readonly Endpoint[];
  readonly network: Network;
  readonly backend: Backend;
  readonly greetingName: string;
  /** The clients that plain ports serve. Absent: all. */
  readonly plainClients?: Pick<AddressMatcher, "includes">;
  readonly limits: ServerLimits;
  /** {@linkcode FIXED_SESSION_LIMITS} fill in the rest. */
  readonly sessionLimits: SessionLimits & Partial<AllSessionLimits>;
  readonly observe: Observer;
  readonly clock: Clock;
}

/** How often the timeouts of all sessions are checked; they are minutes, so this is often enough. */
const TICK_MS = 1_000;

const TOO_MANY_CONNECTIONS = new Reply(
  421,
  "4.7.0",
  "Too many connections, try again later",
);
/** RFC 5321 section 3.1: in the place of a greeting. */
const FOREIGN_CLIENT = new Reply(
  554,
  "5.7.1",
  "This port serves private networks only, use one with TLS",
);
const SHUTTING_DOWN = new Reply(421, "4.3.2", "Server is shutting down, try again later");
const REVOKED = new Reply(421, "4.7.0", "This login has been revoked");

const SHUTDOWN = new Error("server is shutting down");

/** Accepts clients and serves each in its own session. */
export class SmtpServer {
  readonly #options: SmtpServerOptions;
  readonly #sessionOptions: SessionOptions;
  readonly #sessions = new Map<Session, Promise<void>>();
  readonly #connectionLimit: ConnectionLimit;
  #stopped = false;
  #listeners: Listener[] = [];
  #ticker: Timer | undefined;

  constructor(options: SmtpServerOptions) {
    const { greetingName, sessionLimits, backend, observe, clock } = options;
    const limits = { ...FIXED_SESSION_LIMITS, ...sessionLimits };
    this.#options = options;
    this.#sessionOptions = { greetingName, limits, backend, observe, clock };
    this.#connectionLimit = new ConnectionLimit(options.limits);
  }

  /** Number of connected clients. */
  get connectionCount(): number {
    return this.#connectionLimit.connectionCount;
  }

  /**
   * Opens all ports.
   *
   * @returns the endpoints with their real ports.
   * @throws if one can't be opened; then none is open.
   */
  async start(): Promise<readonly Endpoint[]> {
    const { endpoints, network, clock } = this.#options;
    try {
      for (const endpoint of endpoints) {
        this.#listeners.push(
          await network.listen(endpoint, (arrival) => this.#admit(arrival, endpoint)),
        );
      }
    } catch (error) {
      this.#closeListeners();
      throw error;
    }
    this.#ticker = every(clock, TICK_MS, () => {
      for (const session of this.#sessions.keys()) session.checkTime();
    });
    return this.#listeners.map(({ endpoint }) => endpoint);
  }

  /** Ends the sessions whose login matches: their app password or account was revoked. */
  endSessions(matches: (login: Login) => boolean): void {
    for (const session of this.#sessions.keys()) {
      if (session.login !== undefined && matches(session.login)) {
        session.end(REVOKED, new Error("login revoked"));
      }
    }
  }

  /**
   * Closes the ports, lets transactions finish, and ends the rest.
   *
   * @param graceSeconds How long transactions may take.
   */
  async stop(graceSeconds: number): Promise<void> {
    this.#stopped = true;
    this.#closeListeners();
    for (const session of this.#sessions.keys()) session.retire(SHUTTING_DOWN, SHUTDOWN);
    const timer = this.#options.clock.setTimer(graceSeconds * 1000, () => {
      for (const session of this.#sessions.keys()) session.end(SHUTTING_DOWN, SHUTDOWN);
    });
    await Promise.all(this.#sessions.values());
    timer.cancel();
    this.#ticker?.cancel();
  }

  #closeListeners(): void {
    for (const listener of this.#listeners.splice(0)) listener.close();
  }

  #admit(arrival: Arrival, { kind }: Endpoint): void {
    const address = arrival.remoteAddress;
    const { plainClients, observe } = this.#options;
    if (kind === "plain" && plainClients?.includes(address) === false) {
      observe({ type: "rejected", address, reason: "plain port, foreign address" });
      return arrival.reject(FOREIGN_CLIENT.octets);
    }
    const network = clientNetwork(address);
    if (this.#connectionLimit.enter(network)) return void this.#serve(arrival, network);
    observe({ type: "rejected", address, reason: "too many connections" });
    arrival.reject(TOO_MANY_CONNECTIONS.octets);
  }

  async #serve(arrival: Arrival, network: string): Promise<void> {
    const { observe, clock } = this.#options;
    const connectedMs = clock.now();
    try {
      const accepted = await arrival.accept();
      const sessionId = crypto.randomUUID().slice(0, 8);
      const connection = { ...accepted, sessionId, port: arrival.port, connectedMs };
      this.#begin(new Session(connection, this.#sessionOptions), network);
    } catch (cause) {
      this.#connectionLimit.leave(network);
      observe({ type: "rejected", address: arrival.remoteAddress, reason: "no TLS", cause });
    }
  }

  /** Does not wait for the session's end: each waiting function would add half a kilobyte to an idle session. */
  #begin(session: Session, network: string): void {
    // A handshake may end after the stop.
    if (this.#stopped) session.retire(SHUTTING_DOWN, SHUTDOWN);
    const ended = session.run().finally(() => {
      this.#sessions.delete(session);
      this.#connectionLimit.leave(network);
    });
    this.#sessions.set(session, ended);
  }
}
