/**
 * The database in one SQLite file.
 *
 * @module
 */
import { type Clock, systemClock } from "../../base/mod.ts";
import { SqliteAccounts } from "./accounts.ts";
import {
  SqliteAdminGrants,
  SqliteAudit,
  SqliteInvitations,
  SqliteSecretEnds,
} from "./administration.ts";
import { SqliteAppPasswords } from "./app_passwords.ts";
import { Batch } from "./batch.ts";
import { SqliteDatabase, type SqliteOptions } from "./database.ts";
import { SqliteDeliveries } from "./deliveries.ts";
import { SqliteSealedValues } from "./sealed_values.ts";
import { SqliteTokens } from "./tokens.ts";
import { SqliteWebSessions } from "./web_sessions.ts";
import type { MarkStore, Revocation, RevocationStore, Store, StoreError } from "../store.ts";

export interface SqliteStoreOptions extends SqliteOptions {
  /** Decides when batches are written. Default: the machine's. */
  readonly clock?: Pick<Clock, "setTimer">;
  /** Called when a batch could not be written; the write is repeated. Default: nothing. */
  readonly onBatchError?: (error: StoreError) => void;
}

/**
 * A {@linkcode Store} in a file. It needs Deno's permissions to read and write the file's directory, since SQLite keeps
 * two more files beside it.
 */
export class SqliteStore implements Store {
  readonly accounts: SqliteAccounts;
  readonly tokens: SqliteTokens;
  readonly sealedValues: SqliteSealedValues;
  readonly appPasswords: SqliteAppPasswords;
  readonly webSessions: SqliteWebSessions;
  readonly adminGrants: SqliteAdminGrants;
  readonly audit: SqliteAudit;
  readonly secretEnds: SqliteSecretEnds;
  readonly invitations: SqliteInvitations;
  readonly deliveries: SqliteDeliveries;
  readonly revocations: RevocationStore;
  readonly marks: MarkStore;
  readonly #database: SqliteDatabase;
  readonly #batch: Batch;

  private constructor(database: SqliteDatabase, batch: Batch) {
    this.#database = database;
    this.#batch = batch;
    this.accounts = new SqliteAccounts(database);
    this.tokens = new SqliteTokens(database);
    this.sealedValues = new SqliteSealedValues(database);
    this.appPasswords = new SqliteAppPasswords(database, batch);
    this.webSessions = new SqliteWebSessions(database);
    this.adminGrants = new SqliteAdminGrants(database);
    this.audit = new SqliteAudit(database);
    this.secretEnds = new SqliteSecretEnds(database);
    this.invitations = new SqliteInvitations(database);
    this.deliveries = new SqliteDeliveries(database, batch);
    this.revocations = new SqliteRevocations(database);
    this.marks = new SqliteMarks(database);
  }

  /**
   * Opens the file, or creates it. A large file is not checked for damage here, see {@linkcode SqliteStore.verify}.
   *
   * @throws {StoreError} For instance `corrupt`, `newer`, `foreign` or `read-only`; the file stays as it is.
   */
  static open(path: string, options: SqliteStoreOptions = {}): Promise<SqliteStore> {
    return Promise.try(() => {
      const database = SqliteDatabase.open(path, options);
      const { clock = systemClock, onBatchError = () => {} } = options;
      return new SqliteStore(database, new Batch(database, clock, onBatchError));
    });
  }

  /** Whether {@linkcode SqliteStore.close} was not called yet. */
  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  check(): Promise<void> {
    return Promise.try(() => {
      if (this.#database.damage) throw this.#database.damage;
      this.#database.prepare("SELECT 1 FROM accounts LIMIT 1").get();
    });
  }

  verify(): Promise<void> {
    return this.#database.verify();
  }

  flush(): Promise<void> {
    return Promise.try(() => this.#batch.flush());
  }

  async backup(path: string): Promise<void> {
    await this.flush();
    await this.#database.backup(path);
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.#database.close();
    }
  }
}

/** Triggers write the revocations, so that no way of deleting is forgotten. */
class SqliteRevocations implements RevocationStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  lastId(): Promise<number> {
    const sql = "SELECT coalesce(max(id), 0) AS id FROM revocations";
    return Promise.try(() => this.#database.prepare<Revocation>(sql).get()!.id);
  }

  listAfter(id: number): Promise<readonly Revocation[]> {
    const sql = "SELECT * FROM revocations WHERE id > ? ORDER BY id";
    return Promise.try(() => this.#database.prepare<Revocation>(sql).all(id));
  }
}

const CLAIM = `
  INSERT INTO marks (name, at_ms) VALUES (:name, :atMs)
  ON CONFLICT DO UPDATE SET at_ms = :atMs WHERE abs(:atMs - at_ms) >= :pauseMs`;

class SqliteMarks implements MarkStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  claim(name: string, atMs: number, pauseMs: number): Promise<boolean> {
    return Promise.try(() => this.#database.prepare(CLAIM).runNamed({ name, atMs, pauseMs }) > 0);
  }
}
