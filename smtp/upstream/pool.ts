/**
 * The pool of signed-in upstream connections, within the limit of each mailbox.
 *
 * @module
 */
import type {
  Account,
  MailboxCounts,
  MailboxSlots,
  SlotUsage,
  SlotUser,
  UpstreamCounts,
} from "../backend.ts";
import type { Clock } from "../clock.ts";
import { Reply, SmtpError } from "../protocol/mod.ts";
import type { UpstreamConnection } from "./connection.ts";

/** Limits of the pool that an operator can choose. */
export interface PoolLimits {
  /** Microsoft allows 3 concurrent submissions of one mailbox. */
  readonly connectionsPerMailbox: number;
}

export const DEFAULT_POOL_LIMITS: PoolLimits = { connectionsPerMailbox: 3 };

/** Limits of the pool that are the same everywhere. */
export const FIXED_POOL_LIMITS = {
  /** How long a transaction waits for a connection. Clients wait 5 minutes for a reply (RFC 5321 section 4.5.3.2.3). */
  queueTimeoutSeconds: 60,
  /** The maximum idle time of a connection. Microsoft closes it after about 5 minutes. */
  idleTimeoutSeconds: 120,
  /** The maximum age of a connection. Microsoft has been seen to close it after about 20 minutes. */
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
  /** Opens a signed-in connection. */
  readonly open: (account: Account) => Promise<UpstreamConnection>;
  readonly clock: Clock;
  /** Shares the limit of each mailbox with other processes. Absent: all slots are this pool's own. */
  readonly slots?: MailboxSlots;
}

/** The connections of one mailbox, each in its own slot. */
interface Mailbox {
  readonly accountId: string;
  /** The number of connections that may be open. */
  slotCount: number;
  /** Least recently used first. */
  readonly idle: UpstreamConnection[];
  /** Number of connections that are in use or being opened. */
  lentCount: number;
  /** Number of connections that have sent QUIT but still count at the upstream. */
  closingCount: number;
  /** Callbacks that take the slots of the next connections that are returned. */
  readonly owed: (() => void)[];
  /** Callbacks of waiting transactions, first come, first served. While there are any, all slots are in use. */
  readonly waiting: ((slot: Slot) => void)[];
  /** Increases with each {@linkcode Pool.drop}. Connections of an earlier generation are not kept. */
  generation: number;
}

/** The right to use a connection of a mailbox: a warm one, or else a new one. */
interface Slot {
  readonly warm: UpstreamConnection | undefined;
}

/** Keeps signed-in connections from one transaction to the next. */
export class Pool implements SlotUser {
  readonly #options: PoolOptions;
  readonly #limits: AllPoolLimits;
  readonly #mailboxes = new Map<string, Mailbox>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#limits = { ...FIXED_POOL_LIMITS, ...options.limits };
    options.slots?.attach(this, this.#limits.connectionsPerMailbox);
  }

  /** Numbers of connections of each mailbox that has any. */
  get mailboxes(): readonly MailboxCounts[] {
    return [...this.#mailboxes.values()].map(({ accountId, lentCount, idle, waiting }) => ({
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
   * @param open Opens the first connection in the place of {@linkcode PoolOptions.open}.
   * @throws {SmtpError} 451 4.3.2 if no slot came free in time, or any error of opening.
   */
  async lease(account: Account, open = this.#options.open): Promise<Lease> {
    const mailbox = this.#mailbox(account.id);
    const { warm } = this.#takeSlot(mailbox) ?? await this.#waitForSlot(mailbox);
    const { generation } = mailbox;
    const giveBack = (connection: UpstreamConnection | undefined) =>
      this.#giveBack(mailbox, connection, generation);
    try {
      const connection = warm ?? await open(account);
      const reopen = () => this.#options.open(account);
      return new Lease(connection, warm !== undefined, reopen, giveBack);
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

  #hasSlot(mailbox: Mailbox): boolean {
    return mailbox.idle.length > 0 || freeCount(mailbox) > 0;
  }

  /** Whether a lease gets a connection without waiting for another lease to end. */
  hasRoom(accountId: string): boolean {
    const mailbox = this.#mailboxes.get(accountId);
    return mailbox === undefined || this.#hasSlot(mailbox);
  }

  /** @throws {SmtpError} 451 4.3.2 if no slot came free in time. */
  async #waitForSlot(mailbox: Mailbox): Promise<Slot> {
    const { accountId, waiting } = mailbox;
    const { promise, resolve } = Promise.withResolvers<Slot | undefined>();
    waiting.push(resolve);
    const timer = this.#options.clock.setTimer(this.#limits.queueTimeoutSeconds * 1000, () => {
      waiting.splice(waiting.indexOf(resolve), 1);
      resolve(undefined);
    });
    this.#options.slots?.want(accountId);
    const slot = await promise;
    timer.cancel();
    this.#forgetIfEmpty(mailbox);
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
    for (const connection of mailbox.idle.splice(0)) {
      void this.#quit(mailbox, connection);
    }
  }

  grant(accountId: string): void {
    const mailbox = this.#mailbox(accountId);
    mailbox.slotCount++;
    this.#serve(mailbox);
  }

  usage(accountId: string): SlotUsage {
    const mailbox = this.#mailboxes.get(accountId);
    if (mailbox === undefined) return { free: 0, idle: 0, waiting: 0 };
    const { idle, waiting } = mailbox;
    return { free: Math.max(0, freeCount(mailbox)), idle: idle.length, waiting: waiting.length };
  }

  async yield(accountId: string): Promise<void> {
    const mailbox = this.#mailboxes.get(accountId);
    if (mailbox === undefined) return;
    if (freeCount(mailbox) > 0) mailbox.slotCount--;
    else {
      const { promise, resolve } = Promise.withResolvers<void>();
      mailbox.owed.push(resolve);
      const [connection] = mailbox.idle.splice(0, 1);
      if (connection !== undefined) void this.#quit(mailbox, connection);
      await promise;
    }
    this.#forgetIfEmpty(mailbox);
  }

  /** Closes all idle connections, and keeps none from now on. */
  close(): void {
    this.#closed = true;
    for (const accountId of [...this.#mailboxes.keys()]) this.drop(accountId);
  }

  #mailbox(accountId: string): Mailbox {
    let mailbox = this.#mailboxes.get(accountId);
    if (mailbox === undefined) {
      const slotCount = this.#options.slots ? 0 : this.#limits.connectionsPerMailbox;
      mailbox = {
        ...{ accountId, slotCount, lentCount: 0, closingCount: 0, generation: 0 },
        ...{ idle: [], owed: [], waiting: [] },
      };
      this.#mailboxes.set(accountId, mailbox);
    }
    return mailbox;
  }

  #giveBack(
    mailbox: Mailbox,
    connection: UpstreamConnection | undefined,
    generation: number,
  ): void {
    mailbox.lentCount--;
    const isCurrent = generation === mailbox.generation && mailbox.owed.length === 0;
    if (connection === undefined) this.#serve(mailbox);
    else if (isCurrent && this.#isFit(connection)) {
      this.#keep(mailbox, connection);
      this.#serve(mailbox);
    } else void this.#quit(mailbox, connection);
  }

  /** Gives back the slots that are owed, then serves waiting transactions. */
  #serve(mailbox: Mailbox): void {
    const { owed, waiting } = mailbox;
    while (owed.length > 0 && freeCount(mailbox) > 0) {
      mailbox.slotCount--;
      owed.shift()!();
    }
    for (let slot; waiting.length > 0 && (slot = this.#takeSlot(mailbox));) waiting.shift()!(slot);
    this.#forgetIfEmpty(mailbox);
  }

  /** Closes a connection. Its slot becomes free when the upstream has answered. */
  async #quit(mailbox: Mailbox, connection: UpstreamConnection): Promise<void> {
    mailbox.closingCount++;
    await connection.quit();
    mailbox.closingCount--;
    this.#serve(mailbox);
  }

  #isFit({ alive, openedMs }: UpstreamConnection): boolean {
    const ageMs = this.#options.clock.now() - openedMs;
    return alive && !this.#closed && ageMs < this.#limits.ageLimitSeconds * 1000;
  }

  #keep(mailbox: Mailbox, connection: UpstreamConnection): void {
    mailbox.idle.push(connection);
    connection.watchIdle(this.#limits.idleTimeoutSeconds, () => {
      const index = mailbox.idle.indexOf(connection);
      // It was closed by the pool.
      if (index === -1) return;
      mailbox.idle.splice(index, 1);
      void this.#quit(mailbox, connection);
    });
  }

  #forgetIfEmpty(mailbox: Mailbox): void {
    const { accountId, idle, lentCount, closingCount, waiting, slotCount } = mailbox;
    const isShared = this.#options.slots !== undefined && slotCount > 0;
    if (lentCount + closingCount + idle.length + waiting.length > 0 || isShared) return;
    if (this.#mailboxes.get(accountId) === mailbox) this.#mailboxes.delete(accountId);
  }
}

/** The number of connections that may still be opened. */
function freeCount({ slotCount, lentCount, closingCount, idle }: Mailbox): number {
  return slotCount - lentCount - closingCount - idle.length;
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

  /** Replaces a dead connection. */
  async replace(): Promise<void> {
    this.connection.close();
    const connection = await this.#open();
    // The transaction was given up meanwhile.
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
