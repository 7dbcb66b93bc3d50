/**
 * Sign-ins that have returned from Microsoft to any replica. Each can be completed once.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { UsedSignIns } from "../sign_in/mod.ts";
import type { SharedDatabase } from "../store/mod.ts";

const USE = `
  INSERT INTO used_sign_ins (state_hash, expires_at_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING`;

/** Used sign-ins in the database. */
export class DatabaseUsedSignIns implements UsedSignIns {
  readonly #database: SharedDatabase;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  async use(state: string, nowMs: number, expiresAtMs: number): Promise<boolean> {
    const hash = createHash("sha256").update(state).digest();
    await this.#database.run("DELETE FROM used_sign_ins WHERE expires_at_ms <= $1", nowMs);
    return await this.#database.run(USE, hash, expiresAtMs) > 0;
  }
}
