/**
 * A simulation of replicas that share the slots of one mailbox. Only the sharing is real; the table, the pools and the time are
 * simulated, with accidents from a seed.
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
class Tables {
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

  /** The time until the next replica is dead that has missed a heartbeat. */
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
class SimulatedTable implements SlotTable {
  constructor(
    readonly tables: Tables,
    readonly me: number,
    readonly lag: () => Promise<void>,
  ) {}

  async #reach(): Promise<void> {
    await this.lag();
    if (this.tables.away.has(this.me)) throw new Error("away");
  }

  /** The answer to a statement that was carried out may be lost. */
  async #answered<T>(value: T): Promise<T> {
    await this.#reach();
    return value;
  }

  async acquire(_: string, limit: number): Promise<number | undefined> {
    await this.#reach();
    const { tables, me } = this;
    if (tables.nowMs - tables.emptiedAtMs < DEAD_AFTER_MS) return this.#answered(undefined);
    for (let slot = 1; slot <= limit; slot++) {
      if (tables.lives(tables.slots.get(slot))) continue;
      tables.slots.set(slot, me);
      return this.#answered(slot);
    }
    return this.#answered(undefined);
  }

  async reclaim({ slot }: SlotKey): Promise<boolean> {
    await this.#reach();
    const holder = this.tables.slots.get(slot);
    const isFree = holder === this.me || !this.tables.lives(holder);
    if (isFree) this.tables.slots.set(slot, this.me);
    return this.#answered(isFree);
  }

  async give({ slot }: SlotKey): Promise<void> {
    await this.#reach();
    const { tables, me } = this;
    if (tables.slots.get(slot) !== me) return;
    const next = tables.neediest(me);
    if (next === undefined) tables.slots.delete(slot);
    else {
      tables.wants.delete(next);
      tables.slots.set(slot, next);
    }
    await this.#answered(undefined);
  }

  async want(): Promise<void> {
    await this.#reach();
    if (!this.tables.wants.has(this.me)) this.tables.wants.set(this.me, this.tables.nowMs);
  }

  async unwant(): Promise<void> {
    await this.#reach();
    this.tables.wants.delete(this.me);
  }

  async read(): Promise<SlotView> {
    await this.#reach();
    const { tables, me } = this;
    const mine = [...tables.slots].filter(([, holder]) => holder === me)
      .map(([slot]) => ({ accountId: MAILBOX, slot }));
    const other = tables.neediest(me);
    const theirs = other === undefined ? 0 : tables.countOf(other);
    const isWanted = other !== undefined && mine.length > 0;
    const wants = isWanted ? [{ accountId: MAILBOX, theirs }] : [];
    return this.#answered({ mine, wants, deathInMs: tables.deathInMs });
  }
}

/** A pool whose connections are numbers, and whose messages take so many steps. */
class SimulatedPool implements SlotUser {
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

/** One replica of the simulation. */
export interface SimulatedReplica {
  readonly id: number;
  readonly slots: SharedSlots;
  readonly pool: SimulatedPool;
  heartbeatAtMs: number;
  /** When it looks at the slots between two heartbeats. */
  againAtMs: number;
  isAlive: boolean;
  work: Promise<void>;
}

/** Steps of 50 ms. */
const STEP_MS = 50;
const STEPS_PER_HEARTBEAT = SECOND_MS / STEP_MS;

/** Simulates replicas. */
export class SlotSimulation {
  readonly #tables = new Tables();
  readonly random: () => number;
  readonly replicas: SimulatedReplica[] = [];
  readonly #limit: number;
  #ids = 0;
  #steps = 0;

  constructor(seed: number, count: number, limit: number) {
    this.random = randomNumbers(seed);
    this.#limit = limit;
    for (let index = 0; index < count; index++) this.start();
  }

  get nowMs(): number {
    return this.#tables.nowMs;
  }

  get living(): SimulatedReplica[] {
    return this.replicas.filter(({ isAlive }) => isAlive);
  }

  /** Connections at the submission server. Those of a replica that was killed end at once. */
  get open(): number {
    return this.living.reduce((sum, { pool }) => sum + pool.open, 0);
  }

  start(): void {
    const id = ++this.#ids;
    const pool = new SimulatedPool();
    const table = new SimulatedTable(this.#tables, id, () => this.#lag());
    const slots = new SharedSlots({ table, clock: { now: () => this.nowMs }, onError: () => {} });
    slots.attach(pool, this.#limit);
    this.#tables.seen.set(id, this.nowMs);
    const heartbeatAtMs = this.nowMs;
    const times = { heartbeatAtMs, againAtMs: Infinity };
    this.replicas.push({ id, slots, pool, ...times, isAlive: true, work: Promise.resolve() });
  }

  kill(replica: SimulatedReplica): void {
    replica.isAlive = false;
    this.#tables.away.add(replica.id);
  }

  cut(replica: SimulatedReplica): void {
    this.#tables.away.add(replica.id);
  }

  heal(): void {
    for (const { id } of this.living) this.#tables.away.delete(id);
  }

  isCut(replica: SimulatedReplica): boolean {
    return this.#tables.away.has(replica.id);
  }

  crashDatabase(): void {
    this.#tables.empty();
  }

  /** A transaction of so many steps wants a connection. */
  send({ slots, pool }: SimulatedReplica, steps: number): void {
    pool.waiting.push(steps);
    pool.serve();
    if (pool.waiting.length > 0) slots.want(MAILBOX);
  }

  /** Lets 50 ms pass. */
  async step(): Promise<void> {
    this.#tables.nowMs += STEP_MS;
    this.#steps++;
    for (const replica of this.living) {
      replica.pool.step();
      if ((this.#steps + replica.id * 7) % STEPS_PER_HEARTBEAT === 0) this.#heartbeat(replica);
      if (this.nowMs >= replica.againAtMs) this.#look(replica);
    }
    // Answers arrive between steps, some of them later.
    for (let turn = 0; turn < 12; turn++) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }

  #heartbeat(replica: SimulatedReplica): void {
    if (this.nowMs - replica.heartbeatAtMs >= CUT_OFF_AFTER_MS) replica.slots.cutOff();
    replica.work = replica.work.then(async () => {
      await this.#lag();
      if (this.isCut(replica) || !replica.isAlive) return;
      const beganAtMs = this.nowMs;
      this.#tables.seen.set(replica.id, this.nowMs);
      replica.heartbeatAtMs = beganAtMs;
      await this.#synchronize(replica);
    }).catch(() => {});
  }

  #look(replica: SimulatedReplica): void {
    replica.againAtMs = Infinity;
    replica.work = replica.work.then(() => this.#synchronize(replica)).catch(() => {});
  }

  async #synchronize(replica: SimulatedReplica): Promise<void> {
    const againInMs = await replica.slots.synchronize();
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
