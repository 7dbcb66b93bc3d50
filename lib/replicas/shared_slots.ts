/**
 * The slots of mailboxes as this replica shares them: it takes slots when transactions wait, and gives slots to replicas that
 * wait.
 *
 * Open connections keep their slots without asking the database. Each heartbeat brings this view and the table into line.
 *
 * @module
 */
import type { MailboxSlots, SlotUser } from "../../smtp/mod.ts";
import { type Clock, SECOND_MS } from "../base/mod.ts";
import { DEAD_AFTER_MS } from "./heartbeat.ts";
import type { SlotTable, SlotView } from "./slot_table.ts";

/** A connection that has been idle for this long is given away. */
const IDLE_MS = SECOND_MS;
/** A replica without a slot gets one that is in use if it has been held for this long. */
const HELD_MS = 5 * SECOND_MS;
/** The time until the next attempt after a replica has died, if its slots were not free at once. */
const RETRY_MS = SECOND_MS / 20;
/** Without a heartbeat for this long, this replica will soon count as dead. It keeps one connection for each mailbox. */
export const CUT_OFF_AFTER_MS = DEAD_AFTER_MS - 2 * SECOND_MS;

/** The state of one mailbox on this replica. */
interface Mailbox {
  /** Slots that the pool has, with the times since when it has them. */
  readonly slots: Map<number, number>;
  /** Slots that the pool has returned, and that the table still shows. */
  readonly returned: Set<number>;
  /** The number of slots that the pool was asked to return, and has not returned yet. */
  yielding: number;
  /** The number of slots that are lost, and that the pool has not returned yet. As many new ones wait for them. */
  surplus: number;
  /** The number of slots that the pool gets when the surplus is gone. */
  deferred: number;
  /** Whether the pool has one slot that the table does not show, because the database is not available. */
  borrowed: boolean;
  /** Whether the table shows that this replica waits. */
  wanted: boolean;
  /** The time since which a connection has been idle. */
  idleSinceMs?: number;
  /** The end of the operations under way, which run one after the other. */
  work: Promise<void>;
  workCount: number;
  /** The number of the last change. An older view of the table says nothing about this mailbox. */
  changedAt: number;
  /** Whether an attempt to get a slot is queued. */
  asking: boolean;
}

/** Dependencies of {@linkcode SharedSlots}. */
export interface SharedSlotsOptions {
  readonly table: SlotTable;
  readonly clock: Pick<Clock, "now">;
  /** Called when an operation has failed. The next heartbeat repeats it. */
  readonly onError: (error: unknown) => void;
}

/** The slots of mailboxes that several replicas share. */
export class SharedSlots implements MailboxSlots {
  readonly #options: SharedSlotsOptions;
  readonly #mailboxes = new Map<string, Mailbox>();
  #user: SlotUser | undefined;
  #limit = 0;
  #changes = 0;
  #cutOff = false;

  constructor(options: SharedSlotsOptions) {
    this.#options = options;
  }

  /** The numbers of slots that this replica holds, and of mailboxes that wait for one. */
  get counts(): { readonly held: number; readonly wanted: number } {
    let [held, wanted] = [0, 0];
    for (const [accountId, { slots }] of this.#mailboxes) {
      held += slots.size;
      if (this.#usage(accountId).waiting > 0) wanted++;
    }
    return { held, wanted };
  }

  attach(user: SlotUser, limit: number): void {
    this.#user = user;
    this.#limit = limit;
  }

  want(accountId: string): void {
    const mailbox = this.#mailbox(accountId);
    // If the table shows it already, the next heartbeat asks again.
    if (!mailbox.wanted || this.#cutOff) this.#request(accountId, mailbox);
  }

  #request(accountId: string, mailbox: Mailbox): void {
    if (mailbox.asking || mailbox.slots.size >= this.#limit) return;
    mailbox.asking = true;
    this.#run(mailbox, () => {
      mailbox.asking = false;
      return this.#ask(accountId, mailbox);
    });
  }

  /**
   * Brings this view and the table into line, and gives slots to replicas that wait.
   *
   * @returns The delay after which to call it again before the next heartbeat, in milliseconds: by then slots will be free that
   * this replica waits for.
   */
  async synchronize(): Promise<number | undefined> {
    const startedAt = this.#changes;
    const view = await this.#options.table.read();
    this.#cutOff = false;
    const mine = Map.groupBy(view.mine, ({ accountId }) => accountId);
    for (const accountId of mine.keys()) this.#mailbox(accountId);
    for (const [accountId, mailbox] of this.#mailboxes) {
      if (mailbox.workCount > 0 || mailbox.changedAt > startedAt) continue;
      const inTable = new Set(mine.get(accountId)?.map(({ slot }) => slot));
      this.#compare(accountId, mailbox, inTable);
      this.#offer(accountId, mailbox, view);
      this.#settle(accountId, mailbox);
    }
    if (view.deathInMs === undefined || this.counts.wanted === 0) return undefined;
    return Math.max(view.deathInMs, RETRY_MS);
  }

  /** Prepares for a long outage of the database: other replicas may take the slots of this one. */
  cutOff(): void {
    this.#cutOff = true;
    for (const [accountId, mailbox] of this.#mailboxes) {
      while (mailbox.slots.size - mailbox.yielding > 1) this.#give(accountId, mailbox);
      if (this.#usage(accountId).waiting > 0) this.#request(accountId, mailbox);
    }
  }

  /** Resolves when no operation is under way. */
  async settled(): Promise<void> {
    await Promise.all([...this.#mailboxes.values()].map(({ work }) => work));
  }

  #usage(accountId: string) {
    return this.#user?.usage(accountId) ?? { free: 0, idle: 0, waiting: 0 };
  }

  #mailbox(accountId: string): Mailbox {
    let mailbox = this.#mailboxes.get(accountId);
    if (!mailbox) {
      mailbox = {
        slots: new Map(),
        returned: new Set(),
        yielding: 0,
        surplus: 0,
        deferred: 0,
        borrowed: false,
        wanted: false,
        work: Promise.resolve(),
        workCount: 0,
        changedAt: this.#changes,
        asking: false,
      };
      this.#mailboxes.set(accountId, mailbox);
    }
    return mailbox;
  }

  /** Queues an operation: those of one mailbox run one after the other. */
  #run(mailbox: Mailbox, operation: () => Promise<void>): void {
    mailbox.workCount++;
    mailbox.work = mailbox.work.then(operation).catch(this.#options.onError).finally(() => {
      mailbox.workCount--;
      mailbox.changedAt = ++this.#changes;
    });
  }

  /** Gets slots while transactions wait for them. */
  async #ask(accountId: string, mailbox: Mailbox): Promise<void> {
    const { table } = this.#options;
    while (this.#usage(accountId).waiting > 0 && mailbox.slots.size < this.#limit) {
      if (this.#cutOff) return this.#borrow(accountId, mailbox);
      const slot = await table.acquire(accountId, this.#limit);
      if (slot === undefined) {
        await table.want(accountId);
        mailbox.wanted = true;
        return;
      }
      this.#take(accountId, mailbox, slot);
    }
  }

  /** Opens one connection for each mailbox without a slot while the database is not available. */
  #borrow(accountId: string, mailbox: Mailbox): void {
    if (mailbox.slots.size > 0 || mailbox.borrowed) return;
    mailbox.borrowed = true;
    this.#user!.grant(accountId);
  }

  #take(accountId: string, mailbox: Mailbox, slot: number): void {
    if (mailbox.slots.has(slot)) return;
    mailbox.slots.set(slot, this.#options.clock.now());
    if (mailbox.surplus > mailbox.deferred) mailbox.deferred++;
    else this.#user!.grant(accountId);
  }

  /** Takes a slot back from the pool because this replica no longer holds it. */
  async #lose(accountId: string, mailbox: Mailbox): Promise<void> {
    mailbox.surplus++;
    await this.#user!.yield(accountId);
    mailbox.surplus--;
    if (mailbox.deferred <= mailbox.surplus) return;
    mailbox.deferred--;
    this.#user!.grant(accountId);
  }

  #compare(accountId: string, mailbox: Mailbox, inTable: ReadonlySet<number>): void {
    const { slots, returned } = mailbox;
    for (const slot of inTable) {
      if (returned.has(slot)) this.#run(mailbox, () => this.#return(accountId, mailbox, slot));
      else if (!this.#exchange(mailbox, inTable, slot)) this.#take(accountId, mailbox, slot);
    }
    for (const slot of returned) if (!inTable.has(slot)) returned.delete(slot);
    for (const slot of slots.keys()) {
      if (!inTable.has(slot)) this.#run(mailbox, () => this.#reclaim(accountId, mailbox, slot));
    }
    if (mailbox.borrowed) this.#run(mailbox, () => this.#repay(accountId, mailbox));
  }

  /** Replaces a slot that the table does not show by a new one: the pool has its connection already. */
  #exchange(mailbox: Mailbox, inTable: ReadonlySet<number>, slot: number): boolean {
    const { slots, borrowed } = mailbox;
    if (slots.has(slot)) return false;
    const lost = slots.keys().find((held) => !inTable.has(held));
    if (lost !== undefined) slots.delete(lost);
    else if (borrowed) mailbox.borrowed = false;
    else return false;
    slots.set(slot, this.#options.clock.now());
    return true;
  }

  /** Enters a slot again that is missing from the table, unless another replica has it by now. */
  async #reclaim(accountId: string, mailbox: Mailbox, slot: number): Promise<void> {
    if (!mailbox.slots.has(slot)) return;
    if (await this.#options.table.reclaim({ accountId, slot })) return;
    mailbox.slots.delete(slot);
    void this.#lose(accountId, mailbox);
  }

  async #repay(accountId: string, mailbox: Mailbox): Promise<void> {
    const slot = await this.#options.table.acquire(accountId, this.#limit);
    mailbox.borrowed = false;
    if (slot === undefined) void this.#lose(accountId, mailbox);
    else mailbox.slots.set(slot, this.#options.clock.now());
  }

  /** Gives away unused slots, and one slot at a time to a replica that waits. */
  #offer(accountId: string, mailbox: Mailbox, { wants }: SlotView): void {
    const { free, idle, waiting } = this.#usage(accountId);
    const nowMs = this.#options.clock.now();
    mailbox.idleSinceMs = idle > 0 ? mailbox.idleSinceMs ?? nowMs : undefined;
    if (free > 0 && waiting === 0) {
      for (let count = 0; count < free; count++) this.#give(accountId, mailbox);
      return;
    }
    const want = wants.find((one) => one.accountId === accountId);
    if (!want || mailbox.yielding > 0) return;
    const isIdle = waiting === 0 && nowMs - (mailbox.idleSinceMs ?? nowMs) >= IDLE_MS;
    if (isIdle || isFair(mailbox, want.theirs, nowMs)) this.#give(accountId, mailbox);
  }

  /** Takes a slot from the pool and gives it away. This can take until the end of a message. */
  #give(accountId: string, mailbox: Mailbox): void {
    if (mailbox.slots.size <= mailbox.yielding) return;
    mailbox.yielding++;
    const back = () => {
      mailbox.yielding--;
      const [slot] = mailbox.slots.keys();
      if (slot === undefined) return;
      mailbox.slots.delete(slot);
      mailbox.returned.add(slot);
      this.#run(mailbox, () => this.#return(accountId, mailbox, slot));
    };
    void this.#user!.yield(accountId).then(back);
  }

  async #return(accountId: string, { returned }: Mailbox, slot: number): Promise<void> {
    if (this.#cutOff || !returned.has(slot)) return;
    await this.#options.table.give({ accountId, slot });
    returned.delete(slot);
  }

  /** Requests slots for waiting transactions again, and removes mailboxes that are not in use. */
  #settle(accountId: string, mailbox: Mailbox): void {
    const { waiting } = this.#usage(accountId);
    if (waiting > 0 && mailbox.slots.size < this.#limit) return this.#request(accountId, mailbox);
    if (mailbox.wanted && waiting === 0) {
      mailbox.wanted = false;
      return this.#run(mailbox, () => this.#options.table.unwant(accountId));
    }
    const { slots, returned, yielding, surplus, borrowed, wanted, workCount } = mailbox;
    const isEmpty = slots.size + returned.size + yielding + surplus + workCount === 0;
    if (isEmpty && !borrowed && !wanted) this.#mailboxes.delete(accountId);
  }
}

/** Whether a waiting replica gets a slot that is in use here. */
function isFair({ slots }: Mailbox, theirs: number, nowMs: number): boolean {
  if (slots.size - theirs >= 2) return true;
  const oldestMs = Math.min(...slots.values());
  return theirs === 0 && nowMs - oldestMs >= HELD_MS;
}
