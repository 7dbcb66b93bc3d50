/**
 * Replicas that share the slots of one mailbox, in which nothing but the sharing is real: the table, the pools and
 * the time are played, with accidents from a seed.
 *
 * @module
 */
import type { SlotUsage, SlotUser } from "../../smtp/mod.ts";
import { SECOND_MS } from "../base/mod.ts";
import { SharedSlots } from "../replicas/shared_slots.ts";
import {
  RECENT_DEATH_MS,
  type SlotKey,
  type SlotTable,
  type SlotView,
} from "../replicas/slot_table.ts";

const MAILBOX = "mailbox";
const DEAD_AFTER_MS = 5 * SECOND_MS;
const CUT_OFF_AFTER_MS = 3 * SECOND_MS;

/** Numbers from 0 to 1 that look random (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The tables of the database. */
class SlotBoard {
  nowMs = 0;
  readonly seen = new Map<number, number>();
  readonly slots = new Map<number, number>();
  readonly wants = new Map<number, number>();
  /** Replicas for which the database is away. */
  readonly away = new Set<number>();
  emptiedAtMs = -Infinity;

  lives(replica: number | undefined): boolean {
    return replica !== undefined &&
      this.nowMs - (this.seen.get(replica) ?? -Infinity) < DEAD_AFTER_MS;
  }

  countOf(replica: number): number {
    return [...this.slots.values()].filter((holder) => holder === replica).length;
  }

  /** The replica that waits and holds fewest slots; of several, the one that has waited longest. */
  neediest(me: number): number | undefined {
    return [...this.wants.keys()].filter((one) => one !== me && this.lives(one))
      .sort((one, other) => this.countOf(one) - this.countOf(other))[0];
  }

  /** The time until the next replica is dead that has missed a pulse. */
  get deathInMs(): number | undefined {
    const ages = [...this.seen.values()].map((seenAtMs) => this.nowMs - seenAtMs)
      .filter((ageMs) => ageMs > 2 * SECOND_MS && ageMs < DEAD_AFTER_MS + RECENT_DEATH_MS);
    return ages.length === 0 ? undefined : DEAD_AFTER_MS - Math.max(...ages);
  }

  /** A crash of the database. */
  empty(): void {
    for (const table of [this.seen, this.slots, this.wants]) table.clear();
    this.emptiedAtMs = this.nowMs;
  }
}

/** The SQL of `slot_table.ts`, in words. */
class PlayedTable implements SlotTable {
  constructor(
    readonly board: SlotBoard,
    readonly me: number,
    readonly lag: () => Promise<void>,
  ) {}

  async #reach(): Promise<void> {
    await this.lag();
    if (this.board.away.has(this.me)) throw new Error("away");
  }

  /** The answer to a statement that was carried out may be lost. */
  async #answered<T>(value: T): Promise<T> {
    await this.#reach();
    return value;
  }

  async acquire(_: string, limit: number): Promise<number | undefined> {
    await this.#reach();
    const { board, me } = this;
    if (board.nowMs - board.emptiedAtMs < DEAD_AFTER_MS) return this.#answered(undefined);
    for (let slot = 1; slot <= limit; slot++) {
      if (board.lives(board.slots.get(slot))) continue;
      board.slots.set(slot, me);
      return this.#answered(slot);
    }
    return this.#answered(undefined);
  }

  async reclaim({ slot }: SlotKey): Promise<boolean> {
    await this.#reach();
    const holder = this.board.slots.get(slot);
    const isFree = holder === this.me || !this.board.lives(holder);
    if (isFree) this.board.slots.set(slot, this.me);
    return this.#answered(isFree);
  }

  async give({ slot }: SlotKey): Promise<void> {
    await this.#reach();
    const { board, me } = this;
    if (board.slots.get(slot) !== me) return;
    const next = board.neediest(me);
    if (next === undefined) board.slots.delete(slot);
    else {
      board.wants.delete(next);
      board.slots.set(slot, next);
    }
    await this.#answered(undefined);
  }

  async want(): Promise<void> {
    await this.#reach();
    if (!this.board.wants.has(this.me)) this.board.wants.set(this.me, this.board.nowMs);
  }

  async unwant(): Promise<void> {
    await this.#reach();
    this.board.wants.delete(this.me);
  }

  async read(): Promise<SlotView> {
    await this.#reach();
    const { board, me } = this;
    const mine = [...board.slots].filter(([, holder]) => holder === me)
      .map(([slot]) => ({ accountId: MAILBOX, slot }));
    const other = board.neediest(me);
    const theirs = other === undefined ? 0 : board.countOf(other);
    const isWanted = other !== undefined && mine.length > 0;
    const wants = isWanted ? [{ accountId: MAILBOX, theirs }] : [];
    return this.#answered({ mine, wants, deathInMs: board.deathInMs });
  }
}

/** A pool whose connections are numbers, and whose messages take so many steps. */
class PlayedPool implements SlotUser {
  slots = 0;
  busy: number[] = [];
  idle = 0;
  waiting: number[] = [];
  owed: (() => void)[] = [];
  closing: { left: number; done: () => void }[] = [];
  served = 0;

  get open(): number {
    return this.busy.length + this.idle + this.closing.length;
  }

  get #free(): number {
    return this.slots - this.open;
  }

  grant(): void {
    this.slots++;
    this.serve();
  }

  usage(): SlotUsage {
    return { free: Math.max(0, this.#free), idle: this.idle, waiting: this.waiting.length };
  }

  yield(): Promise<void> {
    if (this.#free > 0) {
      this.slots--;
      return Promise.resolve();
    }
    return new Promise((done) => {
      const back = () => {
        this.slots--;
        done();
      };
      if (this.idle === 0) return void this.owed.push(back);
      this.idle--;
      this.#quit(back);
    });
  }

  serve(): void {
    while (this.waiting.length > 0 && (this.idle > 0 || this.#free > 0)) {
      if (this.idle > 0) this.idle--;
      this.busy.push(this.waiting.shift()!);
      this.served++;
    }
  }

  step(): void {
    for (const one of this.closing.splice(0)) {
      if (--one.left <= 0) one.done();
      else this.closing.push(one);
    }
    const left = this.busy.map((steps) => steps - 1);
    this.busy = left.filter((steps) => steps > 0);
    for (let ended = left.length - this.busy.length; ended > 0; ended--) {
      const owed = this.owed.shift();
      if (owed) this.#quit(owed);
      else this.idle++;
    }
    this.serve();
  }

  #quit(done: () => void): void {
    this.closing.push({ left: 2, done });
  }
}

/** One replica. */
export interface PlayedReplica {
  readonly id: number;
  readonly slots: SharedSlots;
  readonly pool: PlayedPool;
  pulsedAtMs: number;
  /** When it looks at the slots between two pulses. */
  againAtMs: number;
  isAlive: boolean;
  pulse: Promise<void>;
}

/** Steps of 50 ms. */
const STEP_MS = 50;
const STEPS_PER_PULSE = SECOND_MS / STEP_MS;

/** The surroundings of replicas: plays them and their database. */
export class SlotsFixture {
  readonly #board = new SlotBoard();
  readonly random: () => number;
  readonly replicas: PlayedReplica[] = [];
  readonly #limit: number;
  #ids = 0;
  #steps = 0;

  constructor(seed: number, count: number, limit: number) {
    this.random = randomNumbers(seed);
    this.#limit = limit;
    for (let index = 0; index < count; index++) this.start();
  }

  get nowMs(): number {
    return this.#board.nowMs;
  }

  get living(): PlayedReplica[] {
    return this.replicas.filter(({ isAlive }) => isAlive);
  }

  /** Connections at the submission server. Those of a replica that was killed end at once. */
  get open(): number {
    return this.living.reduce((sum, { pool }) => sum + pool.open, 0);
  }

  start(): void {
    const id = ++this.#ids;
    const pool = new PlayedPool();
    const table = new PlayedTable(this.#board, id, () => this.#lag());
    const slots = new SharedSlots({ table, clock: { now: () => this.nowMs }, onError: () => {} });
    slots.attach(pool, this.#limit);
    this.#board.seen.set(id, this.nowMs);
    const pulsedAtMs = this.nowMs;
    const times = { pulsedAtMs, againAtMs: Infinity };
    this.replicas.push({ id, slots, pool, ...times, isAlive: true, pulse: Promise.resolve() });
  }

  kill(replica: PlayedReplica): void {
    replica.isAlive = false;
    this.#board.away.add(replica.id);
  }

  cut(replica: PlayedReplica): void {
    this.#board.away.add(replica.id);
  }

  heal(): void {
    for (const { id } of this.living) this.#board.away.delete(id);
  }

  isCut(replica: PlayedReplica): boolean {
    return this.#board.away.has(replica.id);
  }

  crashDatabase(): void {
    this.#board.empty();
  }

  /** A transaction of so many steps wants a connection. */
  send({ slots, pool }: PlayedReplica, steps: number): void {
    pool.waiting.push(steps);
    pool.serve();
    if (pool.waiting.length > 0) slots.want(MAILBOX);
  }

  /** Lets 50 ms pass. */
  async step(): Promise<void> {
    this.#board.nowMs += STEP_MS;
    this.#steps++;
    for (const replica of this.living) {
      replica.pool.step();
      if ((this.#steps + replica.id * 7) % STEPS_PER_PULSE === 0) this.#pulse(replica);
      if (this.nowMs >= replica.againAtMs) this.#look(replica);
    }
    // Answers arrive between steps, some of them later.
    for (let turn = 0; turn < 12; turn++) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }

  #pulse(replica: PlayedReplica): void {
    if (this.nowMs - replica.pulsedAtMs >= CUT_OFF_AFTER_MS) replica.slots.cutOff();
    replica.pulse = replica.pulse.then(async () => {
      await this.#lag();
      if (this.isCut(replica) || !replica.isAlive) return;
      const beganAtMs = this.nowMs;
      this.#board.seen.set(replica.id, this.nowMs);
      replica.pulsedAtMs = beganAtMs;
      await this.#pulseSlots(replica);
    }).catch(() => {});
  }

  #look(replica: PlayedReplica): void {
    replica.againAtMs = Infinity;
    replica.pulse = replica.pulse.then(() => this.#pulseSlots(replica)).catch(() => {});
  }

  async #pulseSlots(replica: PlayedReplica): Promise<void> {
    const againInMs = await replica.slots.pulse();
    replica.againAtMs = this.nowMs + (againInMs ?? Infinity);
  }

  /** An answer may take its time. */
  async #lag(): Promise<void> {
    if (this.random() < 0.7) return;
    const turns = Math.floor(this.random() * 20);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    if (this.random() < 0.1) await new Promise((resolve) => setImmediate(resolve));
  }
}
