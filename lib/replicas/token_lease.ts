/**
 * The lease of an account's tokens: one replica renews them, the others wait for its result.
 *
 * A lease counts while its holder lives. The version of the tokens is the fence: a holder that was taken for dead does not
 * replace what another one has stored.
 *
 * @module
 */
import type { SharedDatabase } from "../store/mod.ts";
import type { LeaseClaim, TokenLease } from "../tokens/mod.ts";
import { ALIVE_SINCE } from "./living.ts";

const CLAIM = `
  WITH claim AS (
    UPDATE tokens t SET lease_holder = $1
    WHERE account_id = $2 AND version = $3 AND (lease_holder IS NULL OR lease_holder = $1 OR NOT EXISTS (
      SELECT 1 FROM replicas r WHERE r.id = t.lease_holder AND r.seen_at > ${ALIVE_SINCE}))
    RETURNING 1)
  SELECT EXISTS (SELECT 1 FROM claim) AS claimed, version FROM tokens WHERE account_id = $2`;

const RELEASE = `
  UPDATE tokens SET lease_holder = NULL WHERE account_id = $2 AND lease_holder = $1`;

/** Leases in the database. */
export class DatabaseLease implements TokenLease {
  readonly #database: SharedDatabase;
  readonly #holder: string;
  /** Counts claims, for the metrics. */
  readonly counts: Record<LeaseClaim, number> = { claimed: 0, held: 0, changed: 0 };

  /** @param holder The id of this replica. */
  constructor(database: SharedDatabase, holder: string) {
    this.#database = database;
    this.#holder = holder;
  }

  async claim(accountId: string, version: number): Promise<LeaseClaim> {
    type Row = { readonly claimed: boolean; readonly version: number };
    const [row] = await this.#database.all<Row>(CLAIM, this.#holder, accountId, version);
    const result = row?.claimed ? "claimed" : row?.version === version ? "held" : "changed";
    this.counts[result]++;
    return result;
  }

  async release(accountId: string): Promise<void> {
    await this.#database.run(RELEASE, this.#holder, accountId);
  }
}
