/**
 * The pool of signed-in upstream connections, within the limit of each mailbox.
 *
 * @module
 */
import type { Account, MailboxCounts, UpstreamCounts } from "../backend.ts";
import type { Clock } from "../clock.ts";
import { Reply, SmtpError } from "../protocol/mod.ts";
import type { SignInAttempt } from "./attempt.ts";
import type { UpstreamConnection } from "./connection.ts";

/** Limits of the pool that an operator may choose. */
export interface PoolLimits {
  /** Microsoft allows 3 concurrent submissions of one mailbox. */
  readonly connectionsPerMailbox: number;
}

export const DEFAULT_POOL_LIMITS: PoolLimits = { connectionsPerMailbox: 3 };

/** Limits of the pool that are the same everywhere. */
export const FIXED_POOL_LIMITS = {
  /** How long a transaction waits for a connection. Clients wait 5 minutes for a reply (RFC 5321 section 4.5.3.2.3). */
  queueTimeoutSeconds: 60,
  /** How long a connection may be idle. Microsoft closes it after about 5 minutes. */
  idleTimeoutSeconds: 120,
  /** How old a connection may become. Microsoft has been seen to close it after about 20 minutes. */
  ageLimitSeconds: 900,
};

/** All limits of the pool. */
export type AllPoolLimits = PoolLimits & typeof FIXED_POOL_LIMITS;

const MAILBOX_BUSY = new Reply(
  451,
  "4.3.2",
  "Too many messages of this mailbox are being sent at once, try again later",
);

/** Options of the pool. */
export interface PoolOptions {
  /** {@linkcode FIXED_POOL_LIMITS} fill in the rest. */
  readonly limits: PoolLimits & Partial<AllPoolLimits>;
  /** Opens a signed-in connection. `attempt`: of those who wait for it. */
  readonly open: (account: Account, attempt?: SignInAttempt) => Promise<UpstreamConnection>;
  readonly clock: Clock;
}

/** The connections of one mailbox, each in its own slot. */
interface Mailbox {
  /** Least recently used first. */
  readonly idle: UpstreamConnection[];
  /** Number of connections that are in use or being opened. */
  lentCount: number;
  /** Callbacks of waiting transactions, first come, first served. While there are any, all slots are in use. */
  readonly waiting: ((slot: Slot) => void)[];
  /** Increases with each {@linkcode Pool.drop}: connections from before are not kept. */
  generation: number;
}

/** The right to use a connection of a mailbox: a warm one, or else a new one. */
interface Slot {
  readonly warm: UpstreamConnection | undefined;
}

/** Keeps signed-in connections from one transaction to the next. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #limits: AllPoolLimits;
  readonly #mailboxes = new Map<string, Mailbox>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#limits = { ...FIXED_POOL_LIMITS, ...options.limits };
  }

  /** Numbers of connections of each mailbox that has any. */
  get mailboxes(): readonly MailboxCounts[] {
    return [...this.#mailboxes].map(([accountId, { lentCount, idle, waiting }]) => ({
      accountId,
      inUse: lentCount,
      idle: idle.length,
      waiting: waiting.length,
    }));
  }

  /** Numbers of connections of all mailboxes. */
  get counts(): UpstreamCounts {
    const counts = { inUse: 0, idle: 0, waiting: 0 };
    for (const { lentCount, idle, waiting } of this.#mailboxes.values()) {
      counts.inUse += lentCount;
      counts.idle += idle.length;
      counts.waiting += waiting.length;
    }
    return counts;
  }

  /**
   * Leases a connection for one transaction: a warm one if there is one, else a new one.
   *
   * @param attempt Passed on where a connection has to be opened.
   * @throws {SmtpError} 451 4.3.2 if no slot came free in time, or any error of opening.
   */
  async lease(account: Account, attempt?: SignInAttempt): Promise<Lease> {
    const { open } = this.#options;
    const mailbox = this.#mailbox(account.id);
    const { warm } = this.#takeSlot(mailbox) ?? await this.#waitForSlot(mailbox);
    const { generation } = mailbox;
    const giveBack = (connection: UpstreamConnection | undefined) =>
      this.#giveBack(account.id, mailbox, connection, generation);
    try {
      const connection = warm ?? await open(account, attempt);
      return new Lease(connection, warm !== undefined, () => open(account), giveBack);
    } catch (error) {
      giveBack(undefined);
      throw error;
    }
  }

  #takeSlot(mailbox: Mailbox): Slot | undefined {
    if (!this.#hasSlot(mailbox)) return undefined;
    mailbox.lentCount++;
    return { warm: takeAlive(mailbox.idle) };
  }

  #hasSlot({ idle, lentCount }: Mailbox): boolean {
    return idle.length > 0 || lentCount < this.#limits.connectionsPerMailbox;
  }

  /** Whether a lease gets a connection without having to wait for another one to end. */
  hasRoom(accountId: string): boolean {
    const mailbox = this.#mailboxes.get(accountId);
    return mailbox === undefined || this.#hasSlot(mailbox);
  }

  /** @throws {SmtpError} 451 4.3.2 if no slot came free in time. */
  async #waitForSlot({ waiting }: Mailbox): Promise<Slot> {
    const { promise, resolve } = Promise.withResolvers<Slot | undefined>();
    waiting.push(resolve);
    const timer = this.#options.clock.setTimer(this.#limits.queueTimeoutSeconds * 1000, () => {
      waiting.splice(waiting.indexOf(resolve), 1);
      resolve(undefined);
    });
    const slot = await promise;
    timer.cancel();
    if (slot === undefined) throw new SmtpError(MAILBOX_BUSY);
    return slot;
  }

  /** Whether the account has an idle connection. */
  hasIdle(accountId: string): boolean {
    return this.#mailboxes.get(accountId)?.idle.some(({ alive }) => alive) ?? false;
  }

  /** Closes an account's idle connections. Those in use are closed when they are returned. */
  drop(accountId: string): void {
    const mailbox = this.#mailboxes.get(accountId);
    if (mailbox === undefined) return;
    mailbox.generation++;
    for (const connection of mailbox.idle.splice(0)) connection.quit();
    this.#forgetIfEmpty(accountId, mailbox);
  }

  /** Closes all idle connections, and keeps none from now on. */
  close(): void {
    this.#closed = true;
    for (const accountId of [...this.#mailboxes.keys()]) this.drop(accountId);
  }

  #mailbox(accountId: string): Mailbox {
    let mailbox = this.#mailboxes.get(accountId);
    if (mailbox === undefined) {
      mailbox = { idle: [], lentCount: 0, waiting: [], generation: 0 };
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
    const isCurrent = generation === mailbox.generation;
    if (connection !== undefined && isCurrent && this.#isFit(connection)) {
      this.#keep(accountId, mailbox, connection);
    } else connection?.quit();
    mailbox.lentCount--;
    const next = mailbox.waiting.shift();
    if (next !== undefined) next(this.#takeSlot(mailbox)!);
    this.#forgetIfEmpty(accountId, mailbox);
  }

  #isFit({ alive, openedMs }: UpstreamConnection): boolean {
    const ageMs = this.#options.clock.now() - openedMs;
    return alive && !this.#closed && ageMs < this.#limits.ageLimitSeconds * 1000;
  }

  #keep(accountId: string, mailbox: Mailbox, connection: UpstreamConnection): void {
    mailbox.idle.push(connection);
    connection.watchIdle(this.#limits.idleTimeoutSeconds, () => {
      const index = mailbox.idle.indexOf(connection);
      // It was closed by the pool.
      if (index === -1) return;
      mailbox.idle.splice(index, 1);
      connection.quit();
      this.#forgetIfEmpty(accountId, mailbox);
    });
  }

  #forgetIfEmpty(accountId: string, { idle, lentCount }: Mailbox): void {
    if (lentCount === 0 && idle.length === 0) this.#mailboxes.delete(accountId);
  }
}

/** Takes the most recently used connection, which is the least likely to have expired. */
function takeAlive(idle: UpstreamConnection[]): UpstreamConnection | undefined {
  const connection = idle.pop();
  if (connection === undefined) return undefined;
  connection.stopWatching();
  if (connection.alive) return connection;
  connection.close();
  return undefined;
}

/** A connection leased for one transaction. */
export class Lease {
  readonly #open: () => Promise<UpstreamConnection>;
  readonly #giveBack: (connection: UpstreamConnection | undefined) => void;
  #ended = false;

  /**
   * @param connection Another one after {@linkcode replace}.
   * @param reused Whether the connection was warm, so that it may have died unnoticed.
   */
  constructor(
    public connection: UpstreamConnection,
    public reused: boolean,
    open: () => Promise<UpstreamConnection>,
    giveBack: (connection: UpstreamConnection | undefined) => void,
  ) {
    this.#open = open;
    this.#giveBack = giveBack;
  }

  /** Replaces a connection that turned out to be dead. */
  async replace(): Promise<void> {
    this.connection.close();
    const connection = await this.#open();
    // It took so long that the transaction was given up.
    if (this.#ended) connection.quit();
    this.connection = connection;
    this.reused = false;
  }

  /** Returns a connection that is ready for the next transaction. */
  release(): void {
    this.#end(this.connection);
  }

  /** Resets an aborted transaction and returns the connection. */
  async reset(): Promise<void> {
    try {
      await this.connection.reset();
      this.release();
    } catch {
      // A connection that can't be reset is closed already; the next transaction opens another.
      this.discard();
    }
  }

  /** Closes the connection. */
  discard(): void {
    this.connection.close();
    this.#end(undefined);
  }

  #end(connection: UpstreamConnection | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#giveBack(connection);
  }
}
