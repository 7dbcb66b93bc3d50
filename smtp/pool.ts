/**
 * Warm upstream connections, and the limit on how many a mailbox has.
 *
 * @module
 */
import type { Account, UpstreamCounts } from "./backend.ts";
import { Gate } from "./gate.ts";
import { Pacer } from "./pacer.ts";
import { Reply, SmtpError } from "./reply.ts";
import type { UpstreamConnection } from "./upstream.ts";

/** Limits of the pool. */
export interface PoolLimits {
  /** Microsoft allows 3 concurrent submissions of one mailbox. */
  readonly connectionsPerMailbox: number;
  /** How long a transaction waits for one of them. */
  readonly queueTimeoutSeconds: number;
  /** Microsoft hangs up after about 5 minutes. */
  readonly idleTimeoutSeconds: number;
  /** Microsoft was seen to cut sessions after about 20 minutes. */
  readonly ageLimitSeconds: number;
  /** Messages of a mailbox in a minute; more wait. Microsoft allows 30. 0: any number. */
  readonly messagesPerMinute: number;
}

export const DEFAULT_POOL_LIMITS: PoolLimits = {
  connectionsPerMailbox: 3,
  queueTimeoutSeconds: 60,
  idleTimeoutSeconds: 120,
  ageLimitSeconds: 900,
  messagesPerMinute: 0,
};

const MAILBOX_BUSY = new Reply(
  451,
  "4.3.2",
  "Too many messages of this mailbox are being sent at once, try again later",
);

/** What the pool is given. */
export interface PoolOptions {
  readonly limits: PoolLimits;
  /** Opens a signed-in connection. */
  readonly open: (account: Account) => Promise<UpstreamConnection>;
  readonly now: () => number;
}

/** What one mailbox has. */
interface Mailbox {
  readonly gate: Gate;
  /** Used least recently first. */
  readonly idle: IdleConnection[];
  /** Counts how often its connections were closed from outside: leases from before are not kept. */
  generation: number;
}

interface IdleConnection {
  readonly connection: UpstreamConnection;
  readonly sinceMs: number;
}

/** Keeps signed-in connections from one transaction to the next. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #pacers = new Map<string, Pacer>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * Lends a connection for one transaction: a warm one if there is one, else a new one.
   *
   * @throws {SmtpError} 451 4.3.2 when none came free in time; whatever opening throws.
   */
  async lease(account: Account, patienceMs?: number): Promise<Lease> {
    const mailbox = this.#mailbox(account.id);
    const waitMs = patienceMs ?? this.#options.limits.queueTimeoutSeconds * 1000;
    if (!await mailbox.gate.enter(waitMs)) throw new SmtpError(MAILBOX_BUSY);
    const open = () => this.#options.open(account);
    const giveBack = (connection: UpstreamConnection | undefined, generation: number) =>
      this.#giveBack(account.id, mailbox, connection, generation);
    try {
      const warm = takeAlive(mailbox.idle);
      const connection = warm ?? await open();
      return new Lease(connection, warm !== undefined, open, mailbox.generation, giveBack);
    } catch (error) {
      this.#giveBack(account.id, mailbox, undefined, mailbox.generation);
      throw error;
    }
  }

  /**
   * Waits until the account may send its next message.
   *
   * @throws {SmtpError} 451 4.3.2 when that takes too long.
   */
  async pace(accountId: string): Promise<void> {
    const { messagesPerMinute, queueTimeoutSeconds } = this.#options.limits;
    if (messagesPerMinute === 0) return;
    let pacer = this.#pacers.get(accountId);
    if (pacer === undefined) {
      pacer = new Pacer(messagesPerMinute, this.#options.now);
      this.#pacers.set(accountId, pacer);
    }
    const waitMs = pacer.take(queueTimeoutSeconds * 1000);
    if (waitMs === undefined) throw new SmtpError(MAILBOX_BUSY);
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  /** Whether a signed-in connection of the account waits for work. */
  hasIdle(accountId: string): boolean {
    return this.#mailboxes.get(accountId)?.idle.some(({ connection }) => connection.alive) ?? false;
  }

  /** What there is, of all mailboxes together. */
  get counts(): UpstreamCounts {
    const counts = { inUse: 0, idle: 0, waiting: 0 };
    for (const { gate, idle } of this.#mailboxes.values()) {
      counts.inUse += gate.insideCount;
      counts.idle += idle.length;
      counts.waiting += gate.waitingCount;
    }
    return counts;
  }

  /** Hangs up an account's connections; those that are lent are not kept when they come back. */
  drop(accountId: string): void {
    const mailbox = this.#mailboxes.get(accountId);
    if (mailbox === undefined) return;
    mailbox.generation++;
    for (const { connection } of mailbox.idle.splice(0)) connection.quit();
    this.#forgetIfEmpty(accountId, mailbox);
  }

  /** Closes what has been idle for too long; to be called about once a second. */
  checkTime(): void {
    const beforeMs = this.#options.now() - this.#options.limits.idleTimeoutSeconds * 1000;
    for (const [accountId, mailbox] of this.#mailboxes) {
      while (mailbox.idle.length > 0 && mailbox.idle[0]!.sinceMs < beforeMs) {
        mailbox.idle.shift()!.connection.quit();
      }
      this.#forgetIfEmpty(accountId, mailbox);
    }
    for (const [accountId, pacer] of this.#pacers) {
      if (pacer.idle) this.#pacers.delete(accountId);
    }
  }

  /** Hangs up everything, and keeps nothing from now on. */
  close(): void {
    this.#closed = true;
    for (const accountId of [...this.#mailboxes.keys()]) this.drop(accountId);
  }

  #mailbox(accountId: string): Mailbox {
    let mailbox = this.#mailboxes.get(accountId);
    if (mailbox === undefined) {
      mailbox = {
        gate: new Gate(this.#options.limits.connectionsPerMailbox),
        idle: [],
        generation: 0,
      };
      this.#mailboxes.set(accountId, mailbox);
    }
    return mailbox;
  }

  #giveBack(
    accountId: string,
    mailbox: Mailbox,
    connection: UpstreamConnection | undefined,
    generation: number,
  ): void {
    if (connection !== undefined) {
      if (this.#mayKeep(connection, generation === mailbox.generation)) {
        this.#keep(accountId, mailbox, connection);
      } else connection.quit();
    }
    mailbox.gate.leave();
    this.#forgetIfEmpty(accountId, mailbox);
  }

  #mayKeep(connection: UpstreamConnection, current: boolean): boolean {
    const ageMs = this.#options.now() - connection.openedMs;
    return current && !this.#closed && connection.alive &&
      ageMs < this.#options.limits.ageLimitSeconds * 1000;
  }

  #keep(accountId: string, mailbox: Mailbox, connection: UpstreamConnection): void {
    mailbox.idle.push({ connection, sinceMs: this.#options.now() });
    connection.watchIdle(() => {
      const index = mailbox.idle.findIndex((entry) => entry.connection === connection);
      if (index !== -1) mailbox.idle.splice(index, 1);
      connection.close();
      this.#forgetIfEmpty(accountId, mailbox);
    });
  }

  #forgetIfEmpty(accountId: string, mailbox: Mailbox): void {
    if (mailbox.gate.empty && mailbox.idle.length === 0) this.#mailboxes.delete(accountId);
  }
}

/** The connection used last, which is the least likely to be near its end. */
function takeAlive(idle: IdleConnection[]): UpstreamConnection | undefined {
  for (let entry = idle.pop(); entry !== undefined; entry = idle.pop()) {
    entry.connection.stopWatching();
    if (entry.connection.alive) return entry.connection;
    entry.connection.close();
  }
  return undefined;
}

/** A connection lent for one transaction. */
export class Lease {
  readonly #open: () => Promise<UpstreamConnection>;
  readonly #generation: number;
  readonly #giveBack: (connection: UpstreamConnection | undefined, generation: number) => void;
  #connection: UpstreamConnection;
  #reused: boolean;
  #ended = false;

  constructor(
    connection: UpstreamConnection,
    reused: boolean,
    open: () => Promise<UpstreamConnection>,
    generation: number,
    giveBack: (connection: UpstreamConnection | undefined, generation: number) => void,
  ) {
    this.#connection = connection;
    this.#reused = reused;
    this.#open = open;
    this.#generation = generation;
    this.#giveBack = giveBack;
  }

  get connection(): UpstreamConnection {
    return this.#connection;
  }

  /** Whether the connection was warm, so that it may have died unnoticed. */
  get reused(): boolean {
    return this.#reused;
  }

  /** Puts a new connection in the place of one that turned out to be dead. */
  async replace(): Promise<void> {
    this.#connection.close();
    this.#connection = await this.#open();
    this.#reused = false;
  }

  /** Gives a connection back that is ready for the next transaction. */
  release(): void {
    this.#end(this.#connection);
  }

  /** Gives a connection back in whose midst a transaction was given up. */
  async reset(): Promise<void> {
    try {
      await this.#connection.reset();
      this.release();
    } catch {
      // A connection that can't be reset is closed already; the next transaction opens another.
      this.discard();
    }
  }

  /** Hangs up. */
  discard(): void {
    this.#connection.close();
    this.#end(undefined);
  }

  #end(connection: UpstreamConnection | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#giveBack(connection, this.#generation);
  }
}
