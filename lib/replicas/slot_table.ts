/**
 * The table of mailbox slots. A replica that holds a slot may open one connection for the mailbox.
 *
 * A slot is held while its holder is alive. The table is empty after a crash or a failover of the database. Replicas then enter
 * their slots again, and none takes another one until every replica has had the time to do so.
 *
 * @module
 */
import { CHANNEL, type SharedDatabase } from "../store/mod.ts";
import { ALIVE_SINCE, HEARTBEAT_INTERVAL_MS } from "./heartbeat.ts";

/** A slot of a mailbox. */
export interface SlotKey {
  readonly accountId: string;
  /** From 1 to the limit. */
  readonly slot: number;
}

/** Another replica that waits for a slot of a mailbox. */
export interface SlotWant {
  readonly accountId: string;
  /** The number of the mailbox's slots that the replica holds. */
  readonly theirs: number;
}

/** The table as one replica sees it. */
export interface SlotView {
  readonly mine: readonly SlotKey[];
  /** For each mailbox that this replica holds slots of: the waiting replica with the fewest slots. */
  readonly wants: readonly SlotWant[];
  /** The time until the next replica that misses heartbeats counts as dead; negative for a moment after that. */
  readonly deathInMs?: number;
}

/** The operations of one replica on the table. */
export interface SlotTable {
  /** Takes a free slot. Returns its number; `undefined` if all are held. */
  acquire(accountId: string, limit: number): Promise<number | undefined>;
  /** Enters a slot again that was lost from the table; false if another replica holds it now. */
  reclaim(key: SlotKey): Promise<boolean>;
  /** Gives a slot to the waiting replica that holds the fewest. If none waits, the slot is free. */
  give(key: SlotKey): Promise<void>;
  /** Registers that this replica waits for a slot, and notifies the others the first time. */
  want(accountId: string): Promise<void>;
  unwant(accountId: string): Promise<void>;
  /** Reads the table. */
  read(): Promise<SlotView>;
}

/** The payload of notifications about slots. */
export const SLOT_NOTIFICATION = "slots";

const ACQUIRE = `
  INSERT INTO mailbox_slots AS s (account_id, slot, holder, since)
  SELECT $2, number, $1, clock_timestamp() FROM generate_series(1, $3::int) AS number
  WHERE EXISTS (SELECT 1 FROM slots_emptied WHERE at < ${ALIVE_SINCE}) AND NOT EXISTS (
    SELECT 1 FROM mailbox_slots o JOIN replicas r ON r.id = o.holder
    WHERE o.account_id = $2 AND o.slot = number AND r.seen_at > ${ALIVE_SINCE})
  ORDER BY number LIMIT 1
  ON CONFLICT (account_id, slot) DO UPDATE SET holder = excluded.holder, since = excluded.since
    WHERE NOT EXISTS (SELECT 1 FROM replicas r WHERE r.id = s.holder AND r.seen_at > ${ALIVE_SINCE})
  RETURNING slot`;

const RECLAIM = `
  INSERT INTO mailbox_slots AS s (account_id, slot, holder, since)
  VALUES ($2, $3, $1, clock_timestamp())
  ON CONFLICT (account_id, slot) DO UPDATE SET holder = excluded.holder
    WHERE s.holder = $1 OR NOT EXISTS (
      SELECT 1 FROM replicas r WHERE r.id = s.holder AND r.seen_at > ${ALIVE_SINCE})`;

const GIVE = `
  WITH next AS (
    DELETE FROM mailbox_wants WHERE (account_id, replica) = (
      SELECT w.account_id, w.replica FROM mailbox_wants w JOIN replicas r ON r.id = w.replica
      WHERE w.account_id = $2 AND w.replica <> $1 AND r.seen_at > ${ALIVE_SINCE}
        AND EXISTS (SELECT 1 FROM mailbox_slots WHERE account_id = $2 AND slot = $3 AND holder = $1)
      ORDER BY (
        SELECT count(*) FROM mailbox_slots t WHERE t.account_id = $2 AND t.holder = w.replica
      ), w.since LIMIT 1 FOR UPDATE OF w SKIP LOCKED)
    RETURNING replica),
  handed AS (
    UPDATE mailbox_slots SET holder = (SELECT replica FROM next), since = clock_timestamp()
    WHERE account_id = $2 AND slot = $3 AND holder = $1 AND EXISTS (SELECT 1 FROM next)),
  dropped AS (
    DELETE FROM mailbox_slots
    WHERE account_id = $2 AND slot = $3 AND holder = $1 AND NOT EXISTS (SELECT 1 FROM next))
  SELECT pg_notify('${CHANNEL}', '${SLOT_NOTIFICATION}') FROM next`;

const WANT = `
  WITH new AS (
    INSERT INTO mailbox_wants (account_id, replica, since) VALUES ($2, $1, clock_timestamp())
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT pg_notify('${CHANNEL}', '${SLOT_NOTIFICATION}') FROM new`;

const UNWANT = "DELETE FROM mailbox_wants WHERE replica = $1 AND account_id = $2";

/** The time for which a death is reported. */
export const RECENT_DEATH_MS = 1000;

const NOTE_AND_READ_DEATH = `
  WITH noted AS (
    INSERT INTO slots_emptied (only_row, at)
    SELECT true, clock_timestamp() WHERE NOT EXISTS (SELECT 1 FROM slots_emptied)
    ON CONFLICT DO NOTHING)
  SELECT (extract(epoch FROM min(seen_at) - (${ALIVE_SINCE})) * 1000)::float8 AS in_ms FROM replicas
  WHERE seen_at > ${ALIVE_SINCE} - interval '${RECENT_DEATH_MS} milliseconds'
    AND seen_at < clock_timestamp() - interval '${2 * HEARTBEAT_INTERVAL_MS} milliseconds'`;

const READ_SLOTS = "SELECT account_id, slot FROM mailbox_slots WHERE holder = $1";

const READ_WANTS = `
  SELECT DISTINCT ON (w.account_id) w.account_id, (
    SELECT count(*) FROM mailbox_slots t WHERE t.account_id = w.account_id AND t.holder = w.replica
  ) AS theirs
  FROM mailbox_wants w JOIN replicas r ON r.id = w.replica AND r.seen_at > ${ALIVE_SINCE}
  WHERE w.replica <> $1
    AND EXISTS (SELECT 1 FROM mailbox_slots m WHERE m.account_id = w.account_id AND m.holder = $1)
  ORDER BY w.account_id, theirs, w.since`;

/** The table of slots in the database. */
export class DatabaseSlotTable implements SlotTable {
  readonly #database: SharedDatabase;
  readonly #replica: string;

  constructor(database: SharedDatabase, replica: string) {
    this.#database = database;
    this.#replica = replica;
  }

  async acquire(accountId: string, limit: number): Promise<number | undefined> {
    const row = await this.#database.get<SlotKey>(ACQUIRE, this.#replica, accountId, limit);
    return row?.slot;
  }

  async reclaim({ accountId, slot }: SlotKey): Promise<boolean> {
    return await this.#database.run(RECLAIM, this.#replica, accountId, slot) > 0;
  }

  async give({ accountId, slot }: SlotKey): Promise<void> {
    await this.#database.run(GIVE, this.#replica, accountId, slot);
  }

  async want(accountId: string): Promise<void> {
    await this.#database.run(WANT, this.#replica, accountId);
  }

  async unwant(accountId: string): Promise<void> {
    await this.#database.run(UNWANT, this.#replica, accountId);
  }

  async read(): Promise<SlotView> {
    const death = await this.#database.get<{ inMs?: number }>(NOTE_AND_READ_DEATH);
    const mine = await this.#database.all<SlotKey>(READ_SLOTS, this.#replica);
    const wants = await this.#database.all<SlotWant>(READ_WANTS, this.#replica);
    return { mine, wants, deathInMs: death?.inMs };
  }
}
