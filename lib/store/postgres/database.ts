/**
 * The connections to a PostgreSQL database, whose every failure is a {@linkcode StoreError}.
 *
 * While the database does not answer, only a probe asks it. So an outage costs the first callers {@linkcode QUERY_TIMEOUT_MS},
 * and all others nothing.
 *
 * @module
 */
import pg from "pg";
import { SECOND_MS, systemClock, type Timer } from "../../base/mod.ts";
import type { DatabaseAddress } from "../../config/mod.ts";
import type { SharedDatabase } from "../shared_database.ts";
import type { SqlDatabase, Statement } from "../sql/database.ts";
import type { Statements, Values } from "../statements.ts";
import { parametersOf } from "../sql/sql.ts";
import { StoreError } from "../store.ts";
import {
  isCollision,
  isFull,
  isLost,
  isOutdatedPlan,
  isPoolerFault,
  isTimeout,
  toStoreError,
} from "./errors.ts";
import { Listener } from "./listener.ts";
import { migrate } from "./migrations.ts";
import { DIALECT, prepare, toRecord, toSql, TYPES } from "./sql.ts";

/** The longest wait for a connection and an answer together. */
const QUERY_TIMEOUT_MS = 3 * SECOND_MS;
/** The same for what no mail client waits for: reports and batches. */
const REPORT_TIMEOUT_MS = 20 * SECOND_MS;
/** The time between two probes of a database that does not answer. */
const PROBE_INTERVAL_MS = SECOND_MS / 2;
/** Attempts for work that fails because others write at the same time. */
const COLLISION_TRIES = 5;
/**
 * The server ends a transaction that has waited for us for this long: we are probably cut off, and others wait for its locks.
 * The isolation level is given so that it does not depend on the operator's settings for the user.
 */
const BEGIN =
  "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = '5s'";
/**
 * PostgreSQL allows 100 connections by default, for all replicas together. Reports have connections of their own, and few, so
 * that slow pages delay no login.
 */
const POOL_SIZES = { main: 7, reports: 3 };

/** Dependencies of {@linkcode PostgresDatabase}. */
export interface PostgresOptions {
  /** The address that sends notifications. Absent: the same one. */
  readonly listen?: DatabaseAddress;
  /** Certificate authorities in PEM. Absent: those of the system. */
  readonly ca?: string;
  /** Called with the time that each statement took. */
  readonly onQuery?: (durationMs: number) => void;
}

/** Returns the settings of a connection. All are given here, so that none comes from the environment. */
export function clientSettings(address: DatabaseAddress, ca: string | undefined): pg.ClientConfig {
  const { host, port, user, password, name, tls } = address;
  return {
    ...{ host, port, user, database: name },
    // A function, since `pg` looks for an empty password in the environment and in a file.
    password: () => password.reveal(),
    ssl: tls && { ca, rejectUnauthorized: true },
    application_name: "smtp-oauth2-proxy",
    keepAlive: true,
    connectionTimeoutMillis: QUERY_TIMEOUT_MS,
    types: TYPES,
  };
}

/** Returns the name of a database for messages. */
export function nameOf({ host, port, name }: DatabaseAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}/${name}`;
}

/** An open database with the current schema. */
export class PostgresDatabase implements SqlDatabase, SharedDatabase {
  readonly dialect = DIALECT;
  /** Host, port and name, for messages. */
  readonly name: string;
  readonly #settings: pg.ClientConfig;
  readonly #listenSettings: pg.ClientConfig;
  readonly #main: pg.Pool;
  readonly #reports: pg.Pool;
  readonly #onQuery: (durationMs: number) => void;
  /** Whether statements can be prepared; some poolers do not allow it. */
  #canPrepare = true;
  /** Present: the database does not answer. */
  #outage: StoreError | undefined;
  #probe: Timer | undefined;
  #isOpen = true;

  private constructor(address: DatabaseAddress, options: PostgresOptions) {
    this.name = nameOf(address);
    this.#settings = clientSettings(address, options.ca);
    this.#listenSettings = clientSettings(options.listen ?? address, options.ca);
    this.#onQuery = options.onQuery ?? (() => {});
    this.#main = createPool(this.#settings, POOL_SIZES.main, QUERY_TIMEOUT_MS);
    this.#reports = createPool(this.#settings, POOL_SIZES.reports, REPORT_TIMEOUT_MS);
  }

  /** Connects, checks the server's version, and migrates the schema. @throws {StoreError} */
  static async open(
    address: DatabaseAddress,
    options: PostgresOptions = {},
  ): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(address, options);
    try {
      await database.withOwnConnection((client) => migrate(client, database.name));
      return database;
    } catch (error) {
      await database.close();
      throw toStoreError(database.name, error);
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async get<Row>(sql: string, ...values: Values): Promise<Row | undefined> {
    return (await this.#rows<Row>(sql, values, this.#main))[0];
  }

  all<Row>(sql: string, ...values: Values): Promise<Row[]> {
    return this.#rows(sql, values, this.#main);
  }

  report<Row>(sql: string, ...values: Values): Promise<Row[]> {
    return this.#rows(sql, values, this.#reports);
  }

  async run(sql: string, ...values: Values): Promise<number> {
    return (await this.#query(sql, values, this.#main)).rowCount ?? 0;
  }

  transact<Row>(statements: readonly Statement[]): Promise<Row[][]> {
    return this.transaction(async (transaction) => {
      const results: Row[][] = [];
      for (const [sql, ...values] of statements) {
        results.push(await transaction.all<Row>(sql, ...values));
      }
      return results;
    });
  }

  /**
   * Runs `work` in a transaction that is on the disk when this resolves. An exception rolls it back. It runs again if others
   * have written at the same time. If the answer to the COMMIT is lost, this throws, and nobody knows what became of it.
   */
  transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result> {
    return withoutCollision(() => this.#transactOnce(work)).catch((error) => {
      throw this.#noteFailure(error, this.#main);
    });
  }

  async #transactOnce<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result> {
    this.#throwOutage();
    const client = await this.#connect(this.#main);
    let broken: unknown;
    try {
      await client.query(withTimeout(BEGIN));
      const result = await work(new Transaction(client));
      await client.query(withTimeout("COMMIT")).catch((error) => {
        throw isFatal(error) ? this.#uncertain(error) : error;
      });
      return result;
    } catch (error) {
      broken = isFatal(error) ? error : await rollBack(client);
      throw error;
    } finally {
      client.release(broken !== undefined);
    }
  }

  /** Runs `work` on a connection of its own, without a time limit. */
  async withOwnConnection<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const client = new pg.Client(this.#settings);
    client.on("error", () => {}); // The statement that is running fails, too.
    try {
      await client.connect();
      return await work(client);
    } catch (error) {
      throw toStoreError(this.name, error);
    } finally {
      await client.end();
    }
  }

  listen(onNotice: (payload: string) => void): () => Promise<void> {
    const listener = new Listener(this.#listenSettings, onNotice);
    return () => listener.stop();
  }

  /** Does nothing: the server needs its log for its recovery, and shortens it by itself. */
  truncateLog(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#probe?.cancel();
    await Promise.all([this.#main.end(), this.#reports.end()]);
  }

  async #rows<Row>(sql: string, values: Values, pool: pg.Pool): Promise<Row[]> {
    const { rows } = await this.#query(sql, values, pool);
    return rows.map(toRecord) as Row[];
  }

  #query(sql: string, values: Values, pool: pg.Pool): Promise<pg.QueryResult> {
    return withoutCollision(() => this.#queryOnce(sql, values, pool)).catch((error) => {
      throw this.#noteFailure(error, pool);
    });
  }

  async #queryOnce(sql: string, values: Values, pool: pg.Pool): Promise<pg.QueryResult> {
    this.#throwOutage();
    // Several statements may be running when the first one shows that the pooler allows no prepared ones.
    const mayBePrepared = this.#canPrepare;
    try {
      return await this.#send(sql, values, pool, mayBePrepared);
    } catch (error) {
      if (mayBePrepared && isPoolerFault(error)) this.#canPrepare = false;
      else if (!isOutdatedPlan(error) && !(isLost(error) && /^\s*SELECT\b/.test(sql))) throw error;
    }
    return await this.#send(sql, values, pool, false);
  }

  async #send(
    sql: string,
    values: Values,
    pool: pg.Pool,
    isPrepared: boolean,
  ): Promise<pg.QueryResult> {
    const startedMs = performance.now();
    const client = await this.#connect(pool);
    const prepared = prepare(sql);
    const restMs = Math.max(
      1,
      startedMs + pool.options.connectionTimeoutMillis! - performance.now(),
    );
    let failure: unknown;
    try {
      return await client.query({
        name: isPrepared ? prepared.name : undefined,
        text: prepared.text,
        values: parametersOf(prepared, values).map(toSql),
        query_timeout: restMs,
      } as pg.QueryConfig);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      client.release(failure !== undefined && isFatal(failure));
      this.#onQuery(performance.now() - startedMs);
    }
  }

  /** Returns the error for a lost answer to COMMIT, which may have been carried out: nothing repeats it. */
  #uncertain(error: unknown): StoreError {
    return new StoreError("unavailable", toStoreError(this.name, error).message);
  }

  async #connect(pool: pg.Pool): Promise<pg.PoolClient> {
    try {
      return await connect(pool);
    } catch (error) {
      const problem = toStoreError(this.name, error);
      const isOutage = problem.kind === "unavailable" && pool === this.#main && !isFull(error);
      if (isOutage) this.#beginOutage(problem);
      throw problem;
    }
  }

  /** Returns the error for the caller. A timeout begins an outage. */
  #noteFailure(error: unknown, pool: pg.Pool): StoreError {
    const problem = toStoreError(this.name, error);
    const isOutage = problem.kind === "unavailable" && pool === this.#main && isTimeout(error);
    if (isOutage) this.#beginOutage(problem);
    return problem;
  }

  #throwOutage(): void {
    if (this.#outage) throw this.#outage;
  }

  #beginOutage(problem: StoreError): void {
    if (this.#outage || !this.#isOpen) return;
    this.#outage = problem;
    this.#scheduleProbe();
  }

  #scheduleProbe(): void {
    this.#probe = systemClock.setTimer(PROBE_INTERVAL_MS, () => void this.#runProbe());
  }

  async #runProbe(): Promise<void> {
    const answers = await this.withOwnConnection((client) => client.query(withTimeout("SELECT 1")))
      .then(() => true, () => false);
    if (answers) this.#outage = undefined;
    else if (this.#isOpen) this.#scheduleProbe();
  }
}

/** @param timeoutMs The longest wait for a connection and an answer together. */
function createPool(settings: pg.ClientConfig, max: number, timeoutMs: number): pg.Pool {
  const pool = new pg.Pool({ ...settings, max, connectionTimeoutMillis: timeoutMs });
  // A connection that ends while no statement is running: the pool drops it, or the next statement fails.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  // See connect(): there may be room again.
  pool.on("remove", () => pool.options.max = max);
  return pool;
}

/** Gets a connection. If the server accepts no more, the pool makes do with those that are open. */
async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  for (;;) {
    try {
      return await pool.connect();
    } catch (error) {
      if (!isFull(error) || pool.totalCount === 0) throw error;
      pool.options.max = pool.totalCount;
    }
  }
}

/** Repeats an action that fails because others write at the same time. */
async function withoutCollision<Result>(action: () => Promise<Result>): Promise<Result> {
  for (let tries = 1;; tries++) {
    try {
      return await action();
    } catch (error) {
      if (!isCollision(error) || tries === COLLISION_TRIES) throw error;
    }
  }
}

/** Returns the reason why the connection cannot be used again, if there is one. */
function rollBack(client: pg.PoolClient): Promise<unknown> {
  return client.query(withTimeout("ROLLBACK")).then(() => undefined, (problem) => problem);
}

function withTimeout(text: string): pg.QueryConfig {
  return { text, query_timeout: QUERY_TIMEOUT_MS } as pg.QueryConfig;
}

/** Whether a connection cannot be used again after an error: any error but that of a statement, or one of a former primary. */
function isFatal(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  return !/^[0-9A-Z]{5}$/.test(code) || /^(08|57P|25006|42P05|26000|0A000)/.test(code);
}

/** Statements in a transaction. They are not prepared: the error of a pooler would end the transaction. */
class Transaction implements Statements {
  readonly #client: pg.PoolClient;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async get<Row>(sql: string, ...values: Values): Promise<Row | undefined> {
    return (await this.all<Row>(sql, ...values))[0];
  }

  async all<Row>(sql: string, ...values: Values): Promise<Row[]> {
    return (await this.#query(sql, values)).rows.map(toRecord) as Row[];
  }

  async run(sql: string, ...values: Values): Promise<number> {
    return (await this.#query(sql, values)).rowCount ?? 0;
  }

  #query(sql: string, values: Values): Promise<pg.QueryResult> {
    const prepared = prepare(sql);
    return this.#client.query({
      text: prepared.text,
      values: parametersOf(prepared, values).map(toSql),
      query_timeout: REPORT_TIMEOUT_MS,
    } as pg.QueryConfig);
  }
}
