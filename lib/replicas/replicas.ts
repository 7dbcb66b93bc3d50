/**
 * The pulse of a replica, and everything that its signs of life make valid.
 *
 * @module
 */
import { type Clock, errorText, MINUTE_MS, pause, SECOND_MS, type Timer } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";
import type { SharedDatabase } from "../store/mod.ts";
import { DatabaseAlerts } from "./alert_registry.ts";
import { DatabaseChallenges, DatabaseTurns } from "./certificates.ts";
import { ALIVE_SINCE, PULSE_INTERVAL_MS } from "./living.ts";
import { DatabaseFailures } from "./login_failures.ts";
import { CUT_OFF_AFTER_MS, SharedSlots } from "./shared_slots.ts";
import { DatabaseSlotTable, SLOT_NOTICE } from "./slot_table.ts";
import { DatabaseLease, VALUES } from "./token_lease.ts";
import { DatabaseUsedSignIns } from "./used_sign_ins.ts";

/** A replica as the others see it. */
export interface ReplicaInfo {
  readonly id: string;
  /** Name of its machine, or what its start has called it. */
  readonly host: string;
  readonly version: string;
  readonly startedAtMs: number;
  /** The last sign of life. */
  readonly seenAtMs: number;
  /** Mailboxes of which it holds a connection, and connections. */
  readonly mailboxCount: number;
  readonly slotCount: number;
  /** Whether it is the one that answers. */
  readonly isThis: boolean;
}

/** Dependencies of {@linkcode Replicas}. */
export interface ReplicasOptions {
  readonly database: SharedDatabase;
  readonly clock: Clock;
  readonly host: string;
  readonly version: string;
  /** The same for all replicas, see {@linkcode DatabaseFailures}. */
  readonly failureKey: Uint8Array;
}

/** A pulse that is so late means that the database is away. */
const LATE_MS = 3 * PULSE_INTERVAL_MS;
/** As long as known senders are served without the database, see `lib/accounts`. */
const DEGRADED_MS = 10 * MINUTE_MS;
/** Notices of slots are followed by no more pulses than 20 a second. */
const NOTICE_PAUSE_MS = 50;
/** Pulses between two rounds of cleaning. */
const CLEANING_PULSES = 60;

const BEAT = `
  INSERT INTO replicas (id, seen_at, started_at, host, version)
  VALUES ($1, clock_timestamp(), to_timestamp($2::float8 / 1000), $3, $4)
  ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp()`;

const LIST = `
  SELECT id, host, version, (extract(epoch FROM started_at) * 1000)::bigint AS started_at_ms,
    (extract(epoch FROM seen_at) * 1000)::bigint AS seen_at_ms,
    count(DISTINCT account_id) AS mailbox_count, count(account_id) AS slot_count, id = $1 AS is_this
  FROM replicas LEFT JOIN mailbox_slots ON holder = id
  WHERE seen_at > ${ALIVE_SINCE}
  GROUP BY id, host, version, started_at, seen_at ORDER BY started_at, id`;

/** Replicas that died long ago, and what they have left. */
const CLEAN = [
  "DELETE FROM replicas WHERE seen_at < clock_timestamp() - interval '1 hour'",
  "DELETE FROM standing_alerts WHERE replica NOT IN (SELECT id FROM replicas)",
  "DELETE FROM mailbox_wants WHERE replica NOT IN (SELECT id FROM replicas)",
  "DELETE FROM mailbox_slots WHERE holder NOT IN (SELECT id FROM replicas)",
  "DELETE FROM acme_challenges WHERE made_at < clock_timestamp() - interval '1 hour'",
  "DELETE FROM batch_writers WHERE written_at < clock_timestamp() - interval '30 days'",
];

const LEAVE = [
  "DELETE FROM mailbox_wants WHERE replica = $1",
  "DELETE FROM mailbox_slots WHERE holder = $1",
  "DELETE FROM standing_alerts WHERE replica = $1",
  "UPDATE tokens SET lease_holder = NULL WHERE lease_holder = $1",
  "UPDATE sealed_values SET lease_holder = NULL WHERE lease_holder = $1",
  "DELETE FROM replicas WHERE id = $1",
];

const log = getLogger("replicas");

/** This process as one of several replicas. */
export class Replicas {
  readonly id: string = crypto.randomUUID();
  readonly lease: DatabaseLease;
  /** Of values of the program, such as the tokens of applications. */
  readonly valueLease: DatabaseLease;
  /** Of the certificates that they get together. */
  readonly certificates: { readonly turns: DatabaseTurns; readonly challenges: DatabaseChallenges };
  readonly usedSignIns: DatabaseUsedSignIns;
  readonly alerts: DatabaseAlerts;
  readonly failures: DatabaseFailures;
  readonly slots: SharedSlots;
  readonly #options: ReplicasOptions;
  readonly #startedAtMs: number;
  #pulsedAtMs: number;
  #pulseCount = 0;
  #timer: Timer | undefined;
  /** The next look at the slots, if it comes before the next pulse. */
  #again: Timer | undefined;
  #noticed = false;
  #isAway = false;
  #work: Promise<void> = Promise.resolve();
  #stopListening: (() => Promise<void>) | undefined;
  #onRevoked: () => void = () => {};
  #stopped = false;

  constructor(options: ReplicasOptions) {
    const { database, clock, failureKey } = options;
    this.#options = options;
    this.#startedAtMs = this.#pulsedAtMs = clock.now();
    this.lease = new DatabaseLease(database, this.id);
    this.valueLease = new DatabaseLease(database, this.id, VALUES);
    this.certificates = {
      turns: new DatabaseTurns(database, this.id, this.valueLease),
      challenges: new DatabaseChallenges(database),
    };
    this.usedSignIns = new DatabaseUsedSignIns(database);
    this.alerts = new DatabaseAlerts(database, this.id);
    this.failures = new DatabaseFailures(database, this.id, failureKey);
    this.slots = new SharedSlots({
      table: new DatabaseSlotTable(database, this.id),
      clock,
      onError: (error) => log.debug("mailbox slots unknown", { error: errorText(error) }),
    });
  }

  /** Enters this replica, and begins its pulse. @throws {StoreError} */
  async start(): Promise<void> {
    await this.#beat();
    this.#stopListening = this.#options.database.listen((payload) => this.#hear(payload));
    this.#plan();
  }

  /** Milliseconds since the last pulse that the database has taken. */
  get pulseAgeMs(): number {
    return this.#options.clock.now() - this.#pulsedAtMs;
  }

  /** Whether senders that are known are served although the database is away. */
  get canDoWithoutDatabase(): boolean {
    return this.pulseAgeMs < DEGRADED_MS;
  }

  /** Asks nobody, so that it never waits. Rejects if the database has not answered of late. */
  check(): Promise<void> {
    const ageMs = this.pulseAgeMs;
    if (ageMs < LATE_MS) return Promise.resolve();
    const seconds = Math.floor(ageMs / SECOND_MS);
    const { name } = this.#options.database;
    return Promise.reject(new Error(`Database ${name}: no answer for ${seconds} seconds`));
  }

  /** Sets the function that is called when something was revoked anywhere. */
  onRevoked(callback: () => void): void {
    this.#onRevoked = callback;
  }

  /** Returns the replicas that live, oldest first. */
  list(): Promise<readonly ReplicaInfo[]> {
    return this.#options.database.all<ReplicaInfo>(LIST, this.id);
  }

  /** Ends the pulse, and leaves everything to the others. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#again?.cancel();
    await this.#stopListening?.();
    await this.#work;
    await this.slots.rest();
    try {
      for (const sql of LEAVE) await this.#options.database.run(sql, this.id);
    } catch (error) {
      log.warning("left without a word: the database is away", { error: errorText(error) });
    }
  }

  #hear(payload: string): void {
    if (payload === "revoked") return this.#onRevoked();
    if (payload !== SLOT_NOTICE || this.#noticed || this.#stopped) return;
    this.#noticed = true;
    void pause(this.#options.clock, NOTICE_PAUSE_MS).then(() => {
      this.#noticed = false;
      if (!this.#stopped) this.#enqueue(() => this.#pulseSlots());
    });
  }

  #plan(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimer(PULSE_INTERVAL_MS, () => {
      this.#plan();
      this.#checkAge();
      this.#enqueue(() => this.#pulse());
    });
  }

  /** One at a time. */
  #enqueue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error) => {
      if (this.#isAway) return;
      this.#isAway = true;
      log.warning("the database is away", { error: errorText(error) });
    });
  }

  async #pulse(): Promise<void> {
    // After a wait, what has piled up is done at once. A clock that was set back says nothing.
    const isRecent = this.pulseAgeMs >= 0 && this.pulseAgeMs < PULSE_INTERVAL_MS / 2;
    if (this.#stopped || isRecent) return;
    await this.#beat();
    await this.#pulseSlots();
    await this.failures.exchange();
    if (++this.#pulseCount % CLEANING_PULSES === 0) await this.#clean();
    if (this.#isAway) log.info("the database is back");
    this.#isAway = false;
  }

  async #pulseSlots(): Promise<void> {
    const againInMs = await this.slots.pulse();
    this.#again?.cancel();
    if (againInMs === undefined || this.#stopped) return;
    const { clock } = this.#options;
    this.#again = clock.setTimer(againInMs, () => this.#enqueue(() => this.#pulseSlots()));
  }

  async #beat(): Promise<void> {
    const { database, clock, host, version } = this.#options;
    const beganAtMs = clock.now();
    await database.run(BEAT, this.id, this.#startedAtMs, host, version);
    this.#pulsedAtMs = beganAtMs;
  }

  #checkAge(): void {
    if (this.pulseAgeMs >= CUT_OFF_AFTER_MS) this.slots.cutOff();
  }

  async #clean(): Promise<void> {
    for (const sql of CLEAN) await this.#options.database.run(sql);
    await this.failures.deleteOld();
  }
}
