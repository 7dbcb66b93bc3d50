/**
 * A SQLite connection. All its failures are {@linkcode StoreError}s.
 *
 * @module
 */
import {
  backup,
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from "node:sqlite";
import { dirname } from "node:path";
import { StoreError } from "../store.ts";
import { toStoreError } from "./errors.ts";
import { MIGRATIONS } from "./migrations.ts";
import { quickCheck } from "./quick_check.ts";
import type { Durability, SqlDatabase, Statement as SqlStatement } from "../sql/database.ts";
import type { Values } from "../statements.ts";
import { parametersOf, type ParsedSql, parseSql } from "../sql/sql.ts";
import { DIALECT, toRecord, toSql } from "./sql.ts";

/** `PRAGMA application_id`: "SMTP" in ASCII. It distinguishes our files from those of other programs. */
const APPLICATION_ID = 0x534d5450;
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
/** Files up to this size (some thousand accounts) are searched for damage when they are opened. This takes milliseconds. */
const SMALL_FILE_OCTETS = 32 * 1024 * 1024;

/** `secure_delete` overwrites deleted rows with zeros, in free pages too. */
const CONNECTION_PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA secure_delete = ON;
`;

export interface SqliteOptions {
  /**
   * The longest wait for another process that is writing. It is short because the whole program waits. Our own transactions
   * take much less than a millisecond.
   */
  readonly busyTimeoutMs?: number;
}

const DEFAULT_BUSY_TIMEOUT_MS = 500;

/** A prepared statement. Its rows are records, see `sql.ts`. */
export class Statement<Row = never> {
  readonly #statement: StatementSync;
  readonly #parsed: ParsedSql;
  readonly #path: string;

  constructor(statement: StatementSync, parsed: ParsedSql, path: string) {
    this.#statement = statement;
    this.#parsed = parsed;
    this.#path = path;
  }

  /** Returns the first row. */
  get(...values: Values): Row | undefined {
    const row = attempt(this.#path, () => this.#statement.get(...this.#parameters(values)));
    return row && this.#toRow(row);
  }

  /** Returns all rows. */
  all(...values: Values): Row[] {
    const rows = attempt(this.#path, () => this.#statement.all(...this.#parameters(values)));
    return rows.map(this.#toRow);
  }

  /** Returns the number of rows that changed. */
  run(...values: Values): number {
    return attempt(
      this.#path,
      () => Number(this.#statement.run(...this.#parameters(values)).changes),
    );
  }

  #parameters(values: Values): SQLInputValue[] {
    return parametersOf(this.#parsed, values).map(toSql);
  }

  readonly #toRow = (row: Record<string, SQLOutputValue>) => toRecord(row) as Row;
}

/** An open database file with the current schema. */
export class SqliteDatabase implements SqlDatabase {
  readonly dialect = DIALECT;
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, Statement<unknown>>();
  #damage: StoreError | undefined;

  private constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  /**
   * Opens the file, checks it, and migrates its schema. A missing file is created, readable only by its owner. A large file is
   * not searched for damage here: call {@linkcode SqliteDatabase.verify} afterwards.
   *
   * @throws {StoreError} A damaged file stays as it is.
   */
  static open(path: string, options: SqliteOptions = {}): SqliteDatabase {
    return attempt(path, () => {
      createIfMissing(path);
      const timeout = options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS;
      const database = new SqliteDatabase(new DatabaseSync(path, { timeout }), path);
      try {
        database.#prepareFile();
      } catch (error) {
        database.#database.close();
        throw error;
      }
      return database;
    });
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  /** The damage that {@linkcode SqliteDatabase.verify} found last. */
  get damage(): StoreError | undefined {
    return this.#damage;
  }

  /** Searches a large file for damage in the background; a small one was searched when opened. @throws {StoreError} */
  async verify(): Promise<void> {
    if (isSmall(this.#path)) return;
    const problem = await quickCheck(this.#path).catch((error) => {
      throw toStoreError(this.#path, error);
    });
    this.#damage = problem === "ok" ? undefined : toStoreError(this.#path, malformed(problem));
    if (this.#damage) throw this.#damage;
  }

  /** Returns the statement for this text. Each text is prepared once. */
  prepare<Row = never>(sql: string): Statement<Row> {
    let statement = this.#statements.get(sql);
    if (!statement) {
      const parsed = parseSql(sql, "?");
      const prepared = attempt(this.#path, () => this.#database.prepare(parsed.text));
      statement = new Statement(prepared, parsed, this.#path);
      this.#statements.set(sql, statement);
    }
    return statement as Statement<Row>;
  }

  get<Row>(sql: string, ...values: Values): Promise<Row | undefined> {
    return Promise.try(() => this.prepare<Row>(sql).get(...values));
  }

  all<Row>(sql: string, ...values: Values): Promise<Row[]> {
    return Promise.try(() => this.prepare<Row>(sql).all(...values));
  }

  report<Row>(sql: string, ...values: Values): Promise<Row[]> {
    return this.all(sql, ...values);
  }

  run(sql: string, ...values: Values): Promise<number> {
    return Promise.try(() => this.prepare(sql).run(...values));
  }

  transact<Row>(
    statements: readonly SqlStatement[],
    durability?: Durability,
  ): Promise<Row[][]> {
    const work = () => statements.map(([sql, ...values]) => this.prepare<Row>(sql).all(...values));
    return Promise.try(() => this.transaction(work, durability));
  }

  execute(sql: string): void {
    attempt(this.#path, () => this.#database.exec(sql));
  }

  /** Runs `work` in a transaction, see {@linkcode SqlDatabase.transact}. An exception rolls it back. */
  transaction<Result>(work: () => Result, durability: Durability = "durable"): Result {
    if (durability === "durable") return this.#transaction(work);
    this.execute("PRAGMA synchronous = NORMAL");
    try {
      return this.#transaction(work);
    } finally {
      this.execute("PRAGMA synchronous = FULL");
    }
  }

  #transaction<Result>(work: () => Result): Result {
    this.execute("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.execute("COMMIT");
      return result;
    } catch (error) {
      // Some failures, such as a full disk, have ended the transaction already.
      if (this.#database.isTransaction) this.execute("ROLLBACK");
      throw error;
    }
  }

  /** Copies the database into a new file, page by page, while the program keeps running. */
  async backup(path: string): Promise<void> {
    attempt(path, () => createPrivately(path));
    try {
      await backup(this.#database, path);
    } catch (error) {
      Deno.removeSync(path);
      throw toStoreError(path, error);
    }
  }

  /** Moves the write-ahead log into the database file and empties it, unless a reader still needs it. */
  truncateLog(): Promise<void> {
    return Promise.try(() => this.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  }

  close(): Promise<void> {
    return Promise.try(() => attempt(this.#path, () => this.#database.close()));
  }

  #prepareFile(): void {
    this.#checkContent();
    if (Deno.build.os !== "windows") Deno.chmodSync(this.#path, FILE_MODE);
    this.execute(CONNECTION_PRAGMAS);
    if (this.#version() < MIGRATIONS.length) {
      // Dropping a table must not delete rows of other tables, so that a new version can replace it.
      this.execute("PRAGMA foreign_keys = OFF");
      this.transaction(() => this.#migrate());
    }
    this.execute("PRAGMA foreign_keys = ON");
  }

  #checkContent(): void {
    const problem = isSmall(this.#path) ? this.#pragma("quick_check(1)") : "ok";
    if (problem !== "ok") throw malformed(problem);
    const isEmpty = this.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
    if (!isEmpty && this.#pragma("application_id") !== APPLICATION_ID) throw foreign(this.#path);
    if (this.#version() > MIGRATIONS.length) throw newer(this.#path, this.#version());
  }

  #migrate(): void {
    MIGRATIONS.slice(this.#version()).forEach((step) => this.execute(step));
    const problem = this.#pragma("foreign_key_check");
    if (problem !== undefined) throw malformed(`rows of ${problem} without an owner`);
    this.execute(`PRAGMA user_version = ${MIGRATIONS.length}`);
    this.execute(`PRAGMA application_id = ${APPLICATION_ID}`);
  }

  #version(): number {
    return this.#pragma("user_version") as number;
  }

  #pragma(name: string): unknown {
    return Object.values(this.prepare<Record<string, unknown>>(`PRAGMA ${name}`).get() ?? {})[0];
  }
}

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw toStoreError(path, error);
  }
}

function isSmall(path: string): boolean {
  return Deno.statSync(path).size <= SMALL_FILE_OCTETS;
}

/** Returns an error with SQLite's own message about damage, which `errors.ts` recognises. */
function malformed(problem: unknown): Error {
  return new Error(`database disk image is malformed: ${problem}`);
}

function createIfMissing(path: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  try {
    createPrivately(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** Creates a file that only its owner can read. SQLite gives its `-wal` and `-shm` files the same mode. */
export function createPrivately(path: string): void {
  Deno.openSync(path, { write: true, createNew: true, mode: FILE_MODE }).close();
}

/** The version of the schema, `PRAGMA user_version`. */
export const CURRENT_VERSION = MIGRATIONS.length;

/** Creates the current schema in an empty database. */
export function createNewSchema(database: DatabaseSync): void {
  MIGRATIONS.forEach((step) => database.exec(step));
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
}

function foreign(path: string): StoreError {
  return new StoreError(
    "foreign",
    `The database ${path} belongs to another program. Set SQLITE_PATH to a new file. ` +
      "Accounts of the older proxy move with `account import`.",
  );
}

function newer(path: string, version: number): StoreError {
  return new StoreError(
    "newer",
    `The database ${path} has version ${version}, this program knows versions up to ` +
      `${MIGRATIONS.length}. Start the newer program again, or restore a backup made before the upgrade.`,
  );
}
