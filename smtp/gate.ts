/**
 * How many connections to the submission server a mailbox may have, and how many messages may leave in a minute.
 *
 * Microsoft counts by mailbox, so there is one {@linkcode MailboxGatekeeper} in the program; each pool of connections,
 * whatever thread it runs in, passes its own {@linkcode Gate}.
 *
 * @module
 */
import type { UpstreamCounts } from "./backend.ts";
import { Pacer } from "./pacer.ts";

/** What whoever is let in may do: use a connection that it has kept, or open one. */
export type Admission = "kept" | "new";

/** The way of one pool to its connections. A mailbox is named by its account's key. */
export interface Gate {
  /**
   * Waits for a place, first come first served, as far as {@linkcode PASSED_OVER_MS} allows. Whoever got one has to
   * {@linkcode Gate.leave}.
   *
   * @returns undefined when no place came free in time.
   */
  enter(accountId: string, patienceMs: number): Promise<Admission | undefined>;
  /** Gives a place back. @param keeps Whether the connection stays open, for the next who comes. */
  leave(accountId: string, keeps: boolean): void;
  /** A connection that was kept has ended. */
  lose(accountId: string): void;
  /**
   * Takes the next turn to send a message.
   *
   * @returns how long to wait for it, in milliseconds; undefined, and no turn, when that were longer than the patience.
   */
  takeTurn(accountId: string, patienceMs: number): Promise<number | undefined>;
}

/** Hangs up a connection of the mailbox that is kept, since another pool needs its place. */
export type Evict = (accountId: string) => void;

/** Opens gates. */
export interface Gatekeeper {
  gate(evict: Evict): Gate;
}

/**
 * To open a connection takes Microsoft about a second. So for that long, one that is kept is there for its own pool, and
 * whoever waits in another one is passed over.
 */
const PASSED_OVER_MS = 1_000;

/** What a mailbox may have. */
export interface MailboxLimits {
  /** Microsoft allows 3 concurrent submissions of one mailbox. */
  readonly connectionsPerMailbox: number;
  /** Messages of a mailbox in a minute; more wait. Microsoft allows 30. 0: any number. */
  readonly messagesPerMinute: number;
}

/** Watches over all mailboxes. */
export class MailboxGatekeeper implements Gatekeeper {
  readonly #limits: MailboxLimits;
  readonly #now: () => number;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #pacers = new Map<string, Pacer>();

  /** @param now Milliseconds since the epoch. */
  constructor(limits: MailboxLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  gate(evict: Evict): Gate {
    return {
      enter: (accountId, patienceMs) => this.#mailbox(accountId).enter(evict, patienceMs),
      leave: (accountId, keeps) =>
        this.#change(accountId, (mailbox) => mailbox.leave(evict, keeps)),
      lose: (accountId) => this.#change(accountId, (mailbox) => mailbox.lose(evict)),
      takeTurn: (accountId, patienceMs) => {
        const pacer = this.#pacer(accountId);
        return Promise.resolve(pacer === undefined ? 0 : pacer.take(patienceMs));
      },
    };
  }

  /** What there is, of all mailboxes together. */
  get counts(): UpstreamCounts {
    const counts = { inUse: 0, idle: 0, waiting: 0 };
    for (const { insideCount, keptCount, waitingCount } of this.#mailboxes.values()) {
      counts.inUse += insideCount;
      counts.idle += keptCount;
      counts.waiting += waitingCount;
    }
    return counts;
  }

  /** Forgets what does not matter any more; to be called now and then. */
  checkTime(): void {
    for (const [accountId, pacer] of this.#pacers) {
      if (pacer.idle) this.#pacers.delete(accountId);
    }
  }

  #mailbox(accountId: string): Mailbox {
    let mailbox = this.#mailboxes.get(accountId);
    if (mailbox === undefined) {
      mailbox = new Mailbox(accountId, this.#limits.connectionsPerMailbox);
      this.#mailboxes.set(accountId, mailbox);
    }
    return mailbox;
  }

  #change(accountId: string, change: (mailbox: Mailbox) => void): void {
    const mailbox = this.#mailboxes.get(accountId);
    if (mailbox === undefined) return;
    change(mailbox);
    if (mailbox.empty) this.#mailboxes.delete(accountId);
  }

  #pacer(accountId: string): Pacer | undefined {
    const { messagesPerMinute } = this.#limits;
    if (messagesPerMinute === 0) return undefined;
    let pacer = this.#pacers.get(accountId);
    if (pacer === undefined) {
      pacer = new Pacer(messagesPerMinute, this.#now);
      this.#pacers.set(accountId, pacer);
    }
    return pacer;
  }
}

interface Waiting {
  readonly evict: Evict;
  /** Whether other pools have to give up what they keep. */
  mayEvict: boolean;
  readonly admit: (admission: Admission | undefined) => void;
}

/** The places of one mailbox. While somebody waits, all of them are taken. */
class Mailbox {
  readonly #accountId: string;
  readonly #limit: number;
  /** The connections that each pool keeps, by the way to evict one. */
  readonly #kept = new Map<Evict, number>();
  readonly #waiting: Waiting[] = [];
  insideCount = 0;
  keptCount = 0;

  constructor(accountId: string, limit: number) {
    this.#accountId = accountId;
    this.#limit = limit;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  get empty(): boolean {
    return this.insideCount === 0 && this.keptCount === 0 && this.waitingCount === 0;
  }

  async enter(evict: Evict, patienceMs: number): Promise<Admission | undefined> {
    return this.#admit(evict, false) ?? await this.#wait(evict, patienceMs);
  }

  leave(evict: Evict, keeps: boolean): void {
    this.insideCount--;
    if (keeps) this.#count(evict, 1);
    this.#admitNext();
  }

  lose(evict: Evict): void {
    // When its place was given away while the news was on its way, nothing is left to take off.
    if (!this.#kept.has(evict)) return;
    this.#count(evict, -1);
    this.#admitNext();
  }

  #wait(evict: Evict, patienceMs: number): Promise<Admission | undefined> {
    const { promise, resolve } = Promise.withResolvers<Admission | undefined>();
    const waiting = { evict, mayEvict: false, admit: resolve };
    this.#waiting.push(waiting);
    const passedOver = setTimeout(() => {
      waiting.mayEvict = true;
      this.#admitNext();
    }, PASSED_OVER_MS);
    const tooLate = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      resolve(undefined);
    }, patienceMs);
    return promise.finally(() => {
      clearTimeout(passedOver);
      clearTimeout(tooLate);
    });
  }

  /** Gives a place that has come free to the first who can use it. */
  #admitNext(): void {
    for (const [index, { evict, mayEvict, admit }] of this.#waiting.entries()) {
      const admission = this.#admit(evict, mayEvict);
      if (admission === undefined) continue;
      this.#waiting.splice(index, 1);
      return admit(admission);
    }
  }

  #admit(evict: Evict, mayEvict: boolean): Admission | undefined {
    const admission = this.#place(evict, mayEvict);
    if (admission !== undefined) this.insideCount++;
    return admission;
  }

  #place(evict: Evict, mayEvict: boolean): Admission | undefined {
    if (this.#kept.has(evict)) {
      this.#count(evict, -1);
      return "kept";
    }
    if (this.insideCount + this.keptCount < this.#limit) return "new";
    const [other] = this.#kept.keys();
    if (other === undefined || !mayEvict) return undefined;
    this.#count(other, -1);
    other(this.#accountId);
    return "new";
  }

  #count(evict: Evict, change: number): void {
    const count = (this.#kept.get(evict) ?? 0) + change;
    if (count === 0) this.#kept.delete(evict);
    else this.#kept.set(evict, count);
    this.keptCount += change;
  }
}
