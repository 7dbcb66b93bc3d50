/**
 * The database in PostgreSQL, which several replicas share.
 *
 * @module
 */
import { systemClock } from "../../base/mod.ts";
import type { Clock } from "../../base/mod.ts";
import type { DatabaseConfig } from "../../config/mod.ts";
import type { Revocation, RevocationStore, Store, StoreError } from "../store.ts";
import { PostgresAccounts } from "./accounts.ts";
import {
  PostgresAdminGrants,
  PostgresAudit,
  PostgresInvitations,
  PostgresSecretEnds,
} from "./administration.ts";
import { PostgresAppPasswords } from "./app_passwords.ts";
import { PostgresBatch } from "./batch.ts";
import { PostgresDatabase } from "./database.ts";
import { PostgresDeliveries } from "./deliveries.ts";
import { PostgresSealedValues } from "./sealed_values.ts";
import { PostgresTokens } from "./tokens.ts";
import { PostgresWebSessions } from "./web_sessions.ts";

export interface PostgresStoreOptions {
  /** Decides when batches are written. Default: the machine's. */
  readonly clock?: Pick<Clock, "setTimer">;
  /** Called when a batch could not be written; the write is repeated. Default: nothing. */
  readonly onBatchError?: (error: StoreError) => void;
  /** Copies the database into a new SQLite file. Default: not possible. */
  readonly copyTo?: (path: string) => Promise<unknown>;
  /** Called with the time that each statement took, in milliseconds. */
  readonly onQuery?: (durationMs: number) => void;
}

/** A {@linkcode Store} on a server. */
export class PostgresStore implements Store {
  readonly accounts: PostgresAccounts;
  readonly tokens: PostgresTokens;
  readonly sealedValues: PostgresSealedValues;
  readonly appPasswords: PostgresAppPasswords;
  readonly webSessions: PostgresWebSessions;
  readonly deliveries: PostgresDeliveries;
  readonly revocations: RevocationStore;
  readonly adminGrants: PostgresAdminGrants;
  readonly audit: PostgresAudit;
  readonly secretEnds: PostgresSecretEnds;
  readonly invitations: PostgresInvitations;
  readonly #batch: PostgresBatch;

  readonly #copyTo: (path: string) => Promise<unknown>;

  private constructor(
    readonly shared: PostgresDatabase,
    batch: PostgresBatch,
    copyTo: (path: string) => Promise<unknown>,
  ) {
    const database = shared;
    this.#copyTo = copyTo;
    this.#batch = batch;
    this.accounts = new PostgresAccounts(database);
    this.tokens = new PostgresTokens(database);
    this.sealedValues = new PostgresSealedValues(database);
    this.appPasswords = new PostgresAppPasswords(database, batch);
    this.webSessions = new PostgresWebSessions(database);
    this.deliveries = new PostgresDeliveries(database, batch);
    this.adminGrants = new PostgresAdminGrants(database);
    this.audit = new PostgresAudit(database);
    this.secretEnds = new PostgresSecretEnds(database);
    this.invitations = new PostgresInvitations(database);
    this.revocations = new PostgresRevocations(database);
  }

  /** Connects, and brings the schema up to date. @throws {StoreError} For instance `unavailable`, `newer` or `foreign`. */
  static async open(
    config: DatabaseConfig,
    options: PostgresStoreOptions = {},
  ): Promise<PostgresStore> {
    const { ca, listen } = config;
    const { onQuery } = options;
    return PostgresStore.on(await PostgresDatabase.open(config, { ca, listen, onQuery }), options);
  }

  /** Returns a store on an open database. */
  static on(
    database: PostgresDatabase,
    options: Omit<PostgresStoreOptions, "onQuery">,
  ): PostgresStore {
    const { clock = systemClock, onBatchError = () => {} } = options;
    const { copyTo = () => Promise.reject(new TypeError("copyTo is missing")) } = options;
    const batch = new PostgresBatch(database, clock, onBatchError);
    return new PostgresStore(database, batch, copyTo);
  }

  /** Whether {@linkcode PostgresStore.close} was not called yet. */
  get isOpen(): boolean {
    return this.shared.isOpen;
  }

  async check(): Promise<void> {
    await this.shared.all("SELECT 1 FROM accounts LIMIT 1");
  }

  /** Does nothing: the server looks after its files. */
  verify(): Promise<void> {
    return Promise.resolve();
  }

  flush(): Promise<void> {
    return this.#batch.flush();
  }

  /** Writes a SQLite file. */
  async backup(path: string): Promise<void> {
    await this.flush();
    await this.#copyTo(path);
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.shared.close();
    }
  }
}

/** Triggers write the revocations, so that no way of deleting is forgotten. */
class PostgresRevocations implements RevocationStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async lastId(): Promise<number> {
    const sql = "SELECT coalesce(max(id), 0) AS id FROM revocations";
    return (await this.#database.all<Revocation>(sql))[0]!.id;
  }

  listAfter(id: number): Promise<readonly Revocation[]> {
    const sql = "SELECT * FROM revocations WHERE id > $1 ORDER BY id";
    return this.#database.all<Revocation>(sql, id);
  }
}
