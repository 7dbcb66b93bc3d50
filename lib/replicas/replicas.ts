/**
 * The heartbeat of a replica, and everything that depends on it.
 *
 * @module
 */
import { type Clock, errorText, MINUTE_MS, pause, SECOND_MS, type Timer } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";
import type { SharedDatabase } from "../store/mod.ts";
import { DatabaseAlerts } from "./alert_registry.ts";
import { DatabaseChallenges, DatabaseTurns } from "./certificates.ts";
import { ALIVE_SINCE, HEARTBEAT_INTERVAL_MS } from "./heartbeat.ts";
import { DatabaseFailures } from "./login_failures.ts";
import { CUT_OFF_AFTER_MS, SharedSlots } from "./shared_slots.ts";
import { DatabaseSlotTable, SLOT_NOTIFICATION } from "./slot_table.ts";
import { DatabaseLease, VALUES } from "./token_lease.ts";
import { DatabaseUsedSignIns } from "./used_sign_ins.ts";

/** A replica as the others see it. */
export interface ReplicaInfo {
  readonly id: string;
  /** The name of its machine, or the one that it was started with. */
  readonly host: string;
  readonly version: string;
  readonly startedAtMs: number;
  /** The time of the last heartbeat. */
  readonly seenAtMs: number;
  /** The number of mailboxes that it holds slots of. */
  readonly mailboxCount: number;
  readonly slotCount: number;
  /** Whether it is the replica that asks. */
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

/** A heartbeat that is this late means that the database is not available. */
const LATE_MS = 3 * HEARTBEAT_INTERVAL_MS;
/** The time for which known senders are served without the database, see `lib/accounts`. */
const DEGRADED_MS = 10 * MINUTE_MS;
/** Notifications about slots lead to at most 20 synchronisations a second. */
const NOTIFICATION_DELAY_MS = 50;
/** Heartbeats from one clean-up to the next. */
const CLEANUP_INTERVAL = 60;

const HEARTBEAT = `
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

/** Removes replicas that died long ago, and what belonged to them. */
const CLEAN_UP = [
  "DELETE FROM replicas WHERE seen_at < clock_timestamp() - interval '1 hour'",
  "DELETE FROM standing_alerts WHERE replica NOT IN (SELECT id FROM replicas)",
  "DELETE FROM mailbox_wants WHERE replica NOT IN (SELECT id FROM replicas)",
  "DELETE FROM mailbox_slots WHERE holder NOT IN (SELECT id FROM replicas)",
  "DELETE FROM acme_challenges WHERE made_at < clock_timestamp() - interval '1 hour'",
  "DELETE FROM batch_writers WHERE written_at < clock_timestamp() - interval '30 days'",
];

/** Gives everything back. */
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
  /** The lease of values of the program, such as the tokens of applications. */
  readonly valueLease: DatabaseLease;
  /** For the certificates that the replicas request together. */
  readonly certificates: { readonly turns: DatabaseTurns; readonly challenges: DatabaseChallenges };
  readonly usedSignIns: DatabaseUsedSignIns;
  readonly alerts: DatabaseAlerts;
  readonly failures: DatabaseFailures;
  readonly slots: SharedSlots;
  readonly #options: ReplicasOptions;
  readonly #startedAtMs: number;
  #heartbeatAtMs: number;
  #heartbeatCount = 0;
  #timer: Timer | undefined;
  /** The next synchronisation of slots, if it is due before the next heartbeat. */
  #slotsTimer: Timer | undefined;
  /** Whether a notification about slots waits to be handled. */
  #slotsNotified = false;
  /** Whether an outage of the database was logged. */
  #isOutage = false;
  #work: Promise<void> = Promise.resolve();
  #stopListening: (() => Promise<void>) | undefined;
  #onRevoked: () => void = () => {};
  #stopped = false;

  constructor(options: ReplicasOptions) {
    const { database, clock, failureKey } = options;
    this.#options = options;
    this.#startedAtMs = this.#heartbeatAtMs = clock.now();
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

  /** Registers this replica, and starts its heartbeat. @throws {StoreError} */
  async start(): Promise<void> {
    await this.#writeHeartbeat();
    this.#stopListening = this.#options.database.listen((payload) => this.#onNotification(payload));
    this.#schedule();
  }

  /** Milliseconds since the last heartbeat that the database accepted. */
  get heartbeatAgeMs(): number {
    return this.#options.clock.now() - this.#heartbeatAtMs;
  }

  /** Whether known senders are still served if the database is not available. */
  get canDoWithoutDatabase(): boolean {
    return this.heartbeatAgeMs < DEGRADED_MS;
  }

  /** Rejects if the database has not answered recently. Does not ask it, so it never waits. */
  check(): Promise<void> {
    const ageMs = this.heartbeatAgeMs;
    if (ageMs < LATE_MS) return Promise.resolve();
    const seconds = Math.floor(ageMs / SECOND_MS);
    const { name } = this.#options.database;
    return Promise.reject(new Error(`Database ${name}: no answer for ${seconds} seconds`));
  }

  /** Sets the function that is called when any replica has revoked something. */
  onRevoked(callback: () => void): void {
    this.#onRevoked = callback;
  }

  /** Returns the replicas that are alive, oldest first. */
  list(): Promise<readonly ReplicaInfo[]> {
    return this.#options.database.all<ReplicaInfo>(LIST, this.id);
  }

  /** Stops the heartbeat, and leaves everything to the other replicas. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#slotsTimer?.cancel();
    await this.#stopListening?.();
    await this.#work;
    await this.slots.settled();
    try {
      for (const sql of LEAVE) await this.#options.database.run(sql, this.id);
    } catch (error) {
      log.warning("stopped without telling the other replicas", { error: errorText(error) });
    }
  }

  #onNotification(payload: string): void {
    if (payload === "revoked") return this.#onRevoked();
    if (payload !== SLOT_NOTIFICATION || this.#slotsNotified || this.#stopped) return;
    this.#slotsNotified = true;
    void pause(this.#options.clock, NOTIFICATION_DELAY_MS).then(() => {
      this.#slotsNotified = false;
      if (!this.#stopped) this.#enqueue(() => this.#synchronizeSlots());
    });
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimer(HEARTBEAT_INTERVAL_MS, () => {
      this.#schedule();
      if (this.heartbeatAgeMs >= CUT_OFF_AFTER_MS) this.slots.cutOff();
      this.#enqueue(() => this.#heartbeat());
    });
  }

  /** Runs one piece of work after the other. */
  #enqueue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error) => {
      if (this.#isOutage) return;
      this.#isOutage = true;
      log.warning("the database is not available", { error: errorText(error) });
    });
  }

  async #heartbeat(): Promise<void> {
    // Heartbeats that have piled up during a wait are skipped. A negative age means that the clock was set back.
    const isRecent = this.heartbeatAgeMs >= 0 && this.heartbeatAgeMs < HEARTBEAT_INTERVAL_MS / 2;
    if (this.#stopped || isRecent) return;
    await this.#writeHeartbeat();
    await this.#synchronizeSlots();
    await this.failures.exchange();
    if (++this.#heartbeatCount % CLEANUP_INTERVAL === 0) await this.#cleanUp();
    if (this.#isOutage) log.info("the database is back");
    this.#isOutage = false;
  }

  async #synchronizeSlots(): Promise<void> {
    const againInMs = await this.slots.synchronize();
    this.#slotsTimer?.cancel();
    if (againInMs === undefined || this.#stopped) return;
    const { clock } = this.#options;
    this.#slotsTimer = clock.setTimer(
      againInMs,
      () => this.#enqueue(() => this.#synchronizeSlots()),
    );
  }

  async #writeHeartbeat(): Promise<void> {
    const { database, clock, host, version } = this.#options;
    const beganAtMs = clock.now();
    await database.run(HEARTBEAT, this.id, this.#startedAtMs, host, version);
    this.#heartbeatAtMs = beganAtMs;
  }

  async #cleanUp(): Promise<void> {
    for (const sql of CLEAN_UP) await this.#options.database.run(sql);
    await this.failures.deleteOld();
  }
}
