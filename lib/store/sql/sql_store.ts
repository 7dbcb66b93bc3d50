/**
 * The part of the store that is the same in every database.
 *
 * @module
 */
import type { Clock } from "../../base/mod.ts";
import type { Revocation, RevocationStore, Store, StoreError } from "../store.ts";
import { SqlAccounts } from "./accounts.ts";
import { SqlAdminGrants, SqlAudit, SqlInvitations, SqlSecretEnds } from "./administration.ts";
import type { SqlAppPasswords } from "./app_passwords.ts";
import type { SqlDatabase } from "./database.ts";
import type { DelayedWrites } from "./delayed_writes.ts";
import { SqlDeliveries } from "./deliveries.ts";
import { SqlSealedValues, SqlTokens } from "./sealed.ts";
import { SqlWebSessions } from "./web_sessions.ts";

/** Options of batches of writes. */
export interface BatchOptions {
  /** Decides when batches are written. Default: the machine's. */
  readonly clock?: Pick<Clock, "setTimer">;
  /** Called when a batch could not be written; the write is repeated. Default: nothing. */
  readonly onBatchError?: (error: StoreError) => void;
}

/** A {@linkcode Store} in an SQL database. */
export abstract class SqlStore implements Store {
  readonly accounts: SqlAccounts;
  readonly tokens: SqlTokens;
  readonly sealedValues: SqlSealedValues;
  readonly webSessions: SqlWebSessions;
  readonly adminGrants: SqlAdminGrants;
  readonly audit: SqlAudit;
  readonly secretEnds: SqlSecretEnds;
  readonly invitations: SqlInvitations;
  readonly deliveries: SqlDeliveries;
  readonly revocations: RevocationStore;
  readonly #database: SqlDatabase;
  readonly #writes: DelayedWrites;

  constructor(
    database: SqlDatabase,
    writes: DelayedWrites,
    readonly appPasswords: SqlAppPasswords,
  ) {
    this.#database = database;
    this.#writes = writes;
    this.accounts = new SqlAccounts(database);
    this.tokens = new SqlTokens(database);
    this.sealedValues = new SqlSealedValues(database);
    this.webSessions = new SqlWebSessions(database);
    this.adminGrants = new SqlAdminGrants(database);
    this.audit = new SqlAudit(database);
    this.secretEnds = new SqlSecretEnds(database);
    this.invitations = new SqlInvitations(database);
    this.deliveries = new SqlDeliveries(database, writes);
    this.revocations = new SqlRevocations(database);
  }

  /** Whether {@linkcode SqlStore.close} was not called yet. */
  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  async check(): Promise<void> {
    await this.#database.get("SELECT 1 AS one FROM accounts LIMIT 1");
  }

  abstract verify(): Promise<void>;

  flush(): Promise<void> {
    return this.#writes.flush();
  }

  abstract backup(path: string): Promise<void>;

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#database.close();
    }
  }
}

/** Triggers write the revocations, so that no way of deleting is forgotten. */
class SqlRevocations implements RevocationStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async lastId(): Promise<number> {
    const sql = "SELECT coalesce(max(id), 0) AS id FROM revocations";
    return (await this.#database.get<Revocation>(sql))!.id;
  }

  listAfter(id: number): Promise<readonly Revocation[]> {
    return this.#database.all("SELECT * FROM revocations WHERE id > ? ORDER BY id", id);
  }
}
