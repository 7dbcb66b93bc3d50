/**
 * The connections to a PostgreSQL database, whose every failure is a {@linkcode StoreError}.
 *
 * A database that does not answer is asked by nobody but a probe until it answers again, so that its outage costs the first
 * callers {@linkcode QUERY_TIMEOUT_MS} and all others nothing.
 *
 * @module
 */
import pg from "pg";
import { type Clock, SECOND_MS, systemClock, type Timer } from "../../base/mod.ts";
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
/** Between two probes of a database that does not answer. */
const PROBE_INTERVAL_MS = SECOND_MS / 2;
/** Tries of what others have undone by writing at the same time. */
const COLLISION_TRIES = 5;
/**
 * The server ends a transaction that waits for us so long, since we are cut off: others wait for its locks. Its other settings
 * do not depend on how the operator has set up the user.
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
  /** Where notifications are received. Absent: the same address. */
  readonly listen?: DatabaseAddress;
  /** Certificate authorities in PEM. Absent: those of the system. */
  readonly ca?: string;
  readonly clock?: Pick<Clock, "setTimer">;
  /** Called with the time that each statement took. */
  readonly onQuery?: (durationMs: number) => void;
}

/** Returns the settings of a connection. Everything is given here, so that nothing is taken from the environment. */
export function clientSettings(address: DatabaseAddress, ca: string | undefined): pg.ClientConfig {
  const { host, port, user, password, name, tls } = address;
  return {
    ...{ host, port, user, database: name },
    // A function, since an empty password would be looked for in the environment and in a file.
    password: () => password.reveal(),
    ssl: tls && { ca, rejectUnauthorized: true },
    application_name: "smtp-oauth2-proxy",
    keepAlive: true,
    connectionTimeoutMillis: QUERY_TIMEOUT_MS,
    types: TYPES,
  };
}

/** Names a database in messages. */
export function nameOf({ host, port, name }: DatabaseAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}/${name}`;
}

/** Connections, with the longest wait for one of them and for an answer together. */
interface TimedPool {
  readonly pool: pg.Pool;
  readonly timeoutMs: number;
}

/** An open database with the current schema. */
export class PostgresDatabase implements SqlDatabase, SharedDatabase {
  readonly dialect = DIALECT;
  /** Host, port and name, for messages. */
  readonly name: string;
  readonly #settings: pg.ClientConfig;
  readonly #listenSettings: pg.ClientConfig;
  readonly #main: TimedPool;
  readonly #reports: TimedPool;
  readonly #clock: Pick<Clock, "setTimer">;
  readonly #onQuery: (durationMs: number) => void;
  /** Whether statements may be prepared; a pooler may not allow it. */
  #canPrepare = true;
  /** Present: the database does not answer. */
  #outage: StoreError | undefined;
  #probe: Timer | undefined;
  #isOpen = true;

  private constructor(address: DatabaseAddress, options: PostgresOptions) {
    this.name = nameOf(address);
    this.#settings = clientSettings(address, options.ca);
    this.#listenSettings = clientSettings(options.listen ?? address, options.ca);
    this.#clock = options.clock ?? systemClock;
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
      throw this.#note(error, this.#main);
    });
  }

  async #transactOnce<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result> {
    this.#throwOutage();
    const client = await this.#connect(this.#main);
    let broken: unknown;
    try {
      await client.query(bounded(BEGIN));
      const result = await work(new Transaction(client));
      await client.query(bounded("COMMIT")).catch((error) => {
        throw spoils(error) ? this.#uncertain(error) : error;
      });
      return result;
    } catch (error) {
      broken = spoils(error) ? error : await rollBack(client);
      throw error;
    } finally {
      client.release(broken !== undefined);
    }
  }

  /** Runs `work` on a connection of its own, without a time limit. */
  async withOwnConnection<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const client = new pg.Client(this.#settings);
    client.on("error", () => {}); // The statement under way fails, too.
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
    await Promise.all([this.#main.pool.end(), this.#reports.pool.end()]);
  }

  async #rows<Row>(sql: string, values: Values, pool: TimedPool): Promise<Row[]> {
    const { rows } = await this.#query(sql, values, pool);
    return rows.map(toRecord) as Row[];
  }

  #query(sql: string, values: Values, pool: TimedPool): Promise<pg.QueryResult> {
    return withoutCollision(() => this.#queryOnce(sql, values, pool)).catch((error) => {
      throw this.#note(error, pool);
    });
  }

  async #queryOnce(sql: string, values: Values, pool: TimedPool): Promise<pg.QueryResult> {
    this.#throwOutage();
    // Of several statements under way, only the first one that fails finds the pooler out.
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
    pool: TimedPool,
    isPrepared: boolean,
  ): Promise<pg.QueryResult> {
    const startedMs = performance.now();
    const client = await this.#connect(pool);
    const prepared = prepare(sql);
    const restMs = Math.max(1, startedMs + pool.timeoutMs - performance.now());
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
      client.release(failure !== undefined && spoils(failure));
      this.#onQuery(performance.now() - startedMs);
    }
  }

  /** A COMMIT that was sent may have been carried out. */
  #uncertain(error: unknown): StoreError {
    return new StoreError("unavailable", toStoreError(this.name, error).message);
  }

  async #connect(pool: TimedPool): Promise<pg.PoolClient> {
    try {
      return await connect(pool.pool);
    } catch (error) {
      const problem = toStoreError(this.name, error);
      const isOutage = problem.kind === "unavailable" && pool === this.#main && !isFull(error);
      if (isOutage) this.#beginOutage(problem);
      throw problem;
    }
  }

  /** Returns the error for the caller. One that means that the database does not answer begins an outage. */
  #note(error: unknown, pool: TimedPool): StoreError {
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
    this.#planProbe();
  }

  #planProbe(): void {
    this.#probe = this.#clock.setTimer(PROBE_INTERVAL_MS, () => void this.#tryAgain());
  }

  async #tryAgain(): Promise<void> {
    const answers = await this.withOwnConnection((client) => client.query(bounded("SELECT 1")))
      .then(() => true, () => false);
    if (answers) this.#outage = undefined;
    else if (this.#isOpen) this.#planProbe();
  }
}

function createPool(settings: pg.ClientConfig, max: number, timeoutMs: number): TimedPool {
  const pool = new pg.Pool({ ...settings, max, connectionTimeoutMillis: timeoutMs });
  // A connection that ends while no statement is under way: the pool drops it, or the next statement fails.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  // See connect(): there may be room again.
  pool.on("remove", () => pool.options.max = max);
  return { pool, timeoutMs };
}

/** Gets a connection. If the server has none left for another one, those that are open have to do. */
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

/** Repeats what others have undone by writing at the same time. */
async function withoutCollision<Result>(action: () => Promise<Result>): Promise<Result> {
  for (let tries = 1;; tries++) {
    try {
      return await action();
    } catch (error) {
      if (!isCollision(error) || tries === COLLISION_TRIES) throw error;
    }
  }
}

/** @returns the reason why the connection cannot be used again, if there is one. */
function rollBack(client: pg.PoolClient): Promise<unknown> {
  return client.query(bounded("ROLLBACK")).then(() => undefined, (problem) => problem);
}

function bounded(text: string): pg.QueryConfig {
  return { text, query_timeout: QUERY_TIMEOUT_MS } as pg.QueryConfig;
}

/** Whether a connection cannot be used again after an error: all but those of a statement, or on a former primary. */
function spoils(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  return !/^[0-9A-Z]{5}$/.test(code) || /^(08|57P|25006|42P05|26000|0A000)/.test(code);
}

/** Statements in a transaction. They are not prepared: a pooler that knows no names would end the transaction. */
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
