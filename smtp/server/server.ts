/**
 * The SMTP server: its ports, its sessions, its clock.
 *
 * @module
 */
import type { Login } from "../backend.ts";
import { every, type Timer } from "../clock.ts";
import type { AddressMatcher, Arrival, Endpoint, Listener, Network } from "../net/mod.ts";
import { Reply, SHUTTING_DOWN } from "../protocol/mod.ts";
import {
  type AllSessionLimits,
  FIXED_SESSION_LIMITS,
  Session,
  type SessionLimits,
  type SessionOptions,
} from "../session/mod.ts";
import { ConnectionLimit, type Place, type ServerLimits } from "./connection_limit.ts";

/** Options of the server. */
export interface SmtpServerOptions extends Omit<SessionOptions, "limits"> {
  readonly endpoints: readonly Endpoint[];
  readonly network: Network;
  /** The clients that plain ports accept. Absent: all. */
  readonly plainClients?: Pick<AddressMatcher, "includes">;
  readonly limits: ServerLimits;
  /** {@linkcode FIXED_SESSION_LIMITS} fill in the rest. */
  readonly sessionLimits: SessionLimits & Partial<AllSessionLimits>;
}

/** How often the timeouts of all sessions are checked. They are minutes long. */
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
const CHANGED = new Reply(421, "4.7.0", "The rules of this login have changed: connect again");
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
    const limits = { ...FIXED_SESSION_LIMITS, ...options.sessionLimits };
    this.#options = options;
    this.#sessionOptions = { ...options, limits };
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

  /** Ends the sessions of a login because its app password or account was revoked. */
  endSessions(matches: (login: Login) => boolean): void {
    for (const session of this.#sessions.keys()) {
      if (session.login !== undefined && matches(session.login)) {
        session.end(REVOKED, new Error("login revoked"));
      }
    }
  }

  /** Ends the sessions of a login as soon as no transaction is open, because the rules of its app password have changed. */
  retireSessions(matches: (login: Login) => boolean): void {
    for (const session of this.#sessions.keys()) {
      if (session.login !== undefined && matches(session.login)) {
        session.retire(CHANGED, new Error("rules of the login changed"));
      }
    }
  }

  /** Closes the ports and lets transactions finish. Resolves when all sessions have ended. */
  async retire(): Promise<void> {
    this.#stopped = true;
    this.#closeListeners();
    for (const session of this.#sessions.keys()) session.retire(SHUTTING_DOWN, SHUTDOWN);
    await Promise.all(this.#sessions.values());
    this.#ticker?.cancel();
  }

  /** Ends the sessions that are left after {@linkcode retire}. */
  end(): void {
    this.#ticker?.cancel();
    for (const session of this.#sessions.keys()) session.end(SHUTTING_DOWN, SHUTDOWN);
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
    const place = this.#connectionLimit.enter(address, () => this.#turnAway(arrival));
    if (place === undefined) this.#turnAway(arrival);
    else void this.#serve(arrival, place);
  }

  #turnAway(arrival: Arrival): void {
    const address = arrival.remoteAddress;
    this.#options.observe({ type: "rejected", address, reason: "too many connections" });
    arrival.reject(TOO_MANY_CONNECTIONS.octets);
  }

  async #serve(arrival: Arrival, place: Place): Promise<void> {
    const { observe, clock } = this.#options;
    const connectedMs = clock.now();
    try {
      const accepted = await arrival.accept();
      const sessionId = crypto.randomUUID().slice(0, 8);
      const connection = {
        ...accepted,
        sessionId,
        port: arrival.port,
        connectedMs,
        admit: (accountId: string) => this.#connectionLimit.logIn(place, accountId),
      };
      this.#begin(new Session(connection, this.#sessionOptions), place);
    } catch (cause) {
      // It made room for another client, which was reported.
      if (!this.#connectionLimit.leave(place)) return;
      observe({ type: "rejected", address: arrival.remoteAddress, reason: "no TLS", cause });
    }
  }

  /** Does not wait for the session's end: that would add half a kilobyte to an idle session. */
  #begin(session: Session, place: Place): void {
    place.evict = () =>
      session.end(TOO_MANY_CONNECTIONS, new Error("made room for another client"));
    // A handshake may end after the stop.
    if (this.#stopped) session.retire(SHUTTING_DOWN, SHUTDOWN);
    const ended = session.run().finally(() => {
      this.#sessions.delete(session);
      this.#connectionLimit.leave(place);
    });
    this.#sessions.set(session, ended);
  }
}
