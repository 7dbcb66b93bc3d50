/**
 * The alerts of all replicas: the first replica that raises an alert sends the message, and so does the last one that clears
 * it.
 *
 * @module
 */
import type { AlertRegistry } from "../alerts/mod.ts";
import { LOCK_CLASS, LOCKS, type SharedDatabase } from "../store/mod.ts";
import { ALIVE_SINCE } from "./heartbeat.ts";

const LOCK = `SELECT pg_advisory_xact_lock(${LOCK_CLASS}, ${LOCKS.alert})`;
const RAISE = `
  INSERT INTO standing_alerts (alert, replica) VALUES ($1, $2) ON CONFLICT DO NOTHING`;
const CLEAR = "DELETE FROM standing_alerts WHERE alert = $1 AND replica = $2";
const OTHERS = `
  SELECT 1 AS one FROM standing_alerts JOIN replicas ON replicas.id = replica
  WHERE alert = $1 AND replica <> $2 AND seen_at > ${ALIVE_SINCE} LIMIT 1`;

/** The registry of alerts in the database. */
export class DatabaseAlerts implements AlertRegistry {
  readonly #database: SharedDatabase;
  readonly #replica: string;

  constructor(database: SharedDatabase, replica: string) {
    this.#database = database;
    this.#replica = replica;
  }

  raise(alert: string): Promise<boolean> {
    return this.#change(RAISE, alert);
  }

  clear(alert: string): Promise<boolean> {
    return this.#change(CLEAR, alert);
  }

  /** Adds or removes an alert. Returns whether it changed, and no other replica that is alive has it. */
  #change(sql: string, alert: string): Promise<boolean> {
    return this.#database.transaction(async (statements) => {
      await statements.run(LOCK);
      const changed = await statements.run(sql, alert, this.#replica) > 0;
      return changed && await statements.get(OTHERS, alert, this.#replica) === undefined;
    });
  }
}
