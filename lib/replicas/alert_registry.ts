/**
 * The alerts that stand on any replica: the first one that raises an alert sends the message, and the last one that clears it.
 *
 * @module
 */
import type { AlertRegistry } from "../alerts/mod.ts";
import { LOCK_CLASS, LOCKS, type SharedDatabase } from "../store/mod.ts";
import { ALIVE_SINCE } from "./living.ts";

const LOCK = `SELECT pg_advisory_xact_lock(${LOCK_CLASS}, ${LOCKS.alert})`;
const RAISE = `
  INSERT INTO standing_alerts (alert, replica) VALUES ($1, $2) ON CONFLICT DO NOTHING`;
const CLEAR = "DELETE FROM standing_alerts WHERE alert = $1 AND replica = $2";
const OTHERS = `
  SELECT 1 AS one FROM standing_alerts JOIN replicas ON replicas.id = replica
  WHERE alert = $1 AND replica <> $2 AND seen_at > ${ALIVE_SINCE} LIMIT 1`;

/** The registry in the database. */
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

  /** @returns Whether no other replica that lives has this alert. */
  #change(sql: string, alert: string): Promise<boolean> {
    return this.#database.transaction(async (statements) => {
      await statements.run(LOCK);
      const changed = await statements.run(sql, alert, this.#replica) > 0;
      const others = await statements.all(OTHERS, alert, this.#replica);
      return changed && others.length === 0;
    });
  }
}
