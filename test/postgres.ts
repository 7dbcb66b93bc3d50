/**
 * PostgreSQL for tests: one throw-away cluster for all of them, one database for each test. A new connection costs the server
 * a process, and a new database a schema, which takes longer than most tests: both are kept for the next one.
 *
 * @module
 */
import { join } from "node:path";
import pg from "pg";
import { parseDatabaseUrl } from "../lib/config/mod.ts";
import type { DatabaseConfig } from "../lib/config/mod.ts";
import { PostgresStore } from "../lib/store/postgres/postgres_store.ts";
import { ReservedPorts } from "./ports.ts";
import { requireProgram } from "./programs.ts";

const HOST = "127.0.0.1";
const USER = "proxy";
/** Debian keeps the server's programs apart, by version. */
const DEBIAN = "/usr/lib/postgresql";
const SYSTEM_USER = "postgres";
/** Has the schema of the program, for copies. */
const MIGRATED = "migrated";
/** The line of `postmaster.pid` with the TCP port, counted from 0. */
const PORT_LINE = 3;
/** Connections that are kept, and keep no process alive. */
const KEPT = { idleTimeoutMillis: 0, allowExitOnIdle: true };
/** Names the directory of a cluster that runs for all tests; `tools/run_tests.ts` sets it. */
export const CLUSTER_VARIABLE = "TEST_POSTGRES";

/** Returns the folder of the server's programs: the newest version. */
function programFolder(): string {
  try {
    const versions = [...Deno.readDirSync(DEBIAN)].map(({ name }) => Number(name));
    return join(DEBIAN, `${Math.max(...versions)}`, "bin");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

const FOLDER = programFolder();

/** The options of a test that needs PostgreSQL. */
export const needsPostgres = requireProgram(join(FOLDER, "initdb"));

/** The options of a test that counts statements: the library is a package of its own on some systems. */
export const needsStatistics = {
  ignore: needsPostgres.ignore ||
    requireProgram("test", "-f", join(FOLDER, "../lib/pg_stat_statements.so")).ignore,
};

/** PostgreSQL refuses to run as root. `setpriv` also ends it with the thread that has started it. */
function asSystemUser(program: string, args: readonly string[], ends: boolean): Deno.Command {
  const path = join(FOLDER, program);
  const options = { stdin: "null", stdout: "null", stderr: "null" } as const;
  if (Deno.uid() !== 0) return new Deno.Command(path, { args: [...args], ...options });
  const rights = ["--reuid", SYSTEM_USER, "--regid", SYSTEM_USER, "--init-groups"];
  const death = ends ? ["--pdeathsig", "INT"] : [];
  return new Deno.Command("setpriv", { args: [...rights, ...death, path, ...args], ...options });
}

/** Settings of the server that differ from those of {@linkcode Cluster}. */
export type ClusterSettings = Readonly<Record<string, string | number>>;

/** A cluster: a server with its files. */
export class Cluster implements AsyncDisposable {
  /** Connections for the statements of tests, by database. */
  readonly #pools = new Map<string, pg.Pool>();
  readonly #settings: ClusterSettings;
  readonly #ports: ReservedPorts | undefined;
  #child: Deno.ChildProcess | undefined;
  #migrated: Promise<void> | undefined;

  private constructor(
    readonly directory: string,
    readonly port: number,
    settings: ClusterSettings = {},
    ports?: ReservedPorts,
  ) {
    this.#ports = ports;
    this.#settings = settings;
  }

  /** Creates the files in a new folder and starts the server. */
  static async start(settings: ClusterSettings = {}, folder?: string): Promise<Cluster> {
    const options = ["--username", USER, "--auth", "trust", "--no-sync", "--encoding", "UTF8"];
    const init = ["--locale", "C.UTF-8", ...options];
    return await Cluster.#create(settings, "initdb", init, folder);
  }

  /** Uses a cluster that runs, with a database for copies. */
  static async attach(directory: string): Promise<Cluster> {
    const lines = (await Deno.readTextFile(join(directory, "data/postmaster.pid"))).split("\n");
    const cluster = new Cluster(directory, Number(lines[PORT_LINE]));
    cluster.#migrated = Promise.resolve();
    return cluster;
  }

  static async #create(
    settings: ClusterSettings,
    program: string,
    args: readonly string[],
    dir?: string,
  ) {
    const directory = await Deno.makeTempDir({ prefix: "postgres_", dir });
    await Deno.chmod(directory, 0o777);
    const ports = ReservedPorts.reserve();
    const cluster = new Cluster(directory, ports.http, settings, ports);
    const { success } = await asSystemUser(
      program,
      ["--pgdata", cluster.#data, ...args],
      false,
    ).output();
    if (!success) throw new Error(`${program} failed`);
    await cluster.restart();
    return cluster;
  }

  /** Starts a standby of this server. From now on nothing is committed that the standby has not received. */
  async standby(): Promise<Cluster> {
    const source = ["--host", HOST, "--port", `${this.port}`, "--username", USER];
    const options = ["--write-recovery-conf", "--checkpoint", "fast", "--no-sync"];
    const standby = await Cluster.#create({}, "pg_basebackup", [...source, ...options]);
    await this.query("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
    await this.query("postgres", "SELECT pg_reload_conf()");
    return standby;
  }

  /** Makes a standby the server that takes writes. */
  async promote(): Promise<void> {
    await this.query("postgres", "ALTER SYSTEM RESET synchronous_standby_names");
    await this.query("postgres", "SELECT pg_promote()");
  }

  get #data(): string {
    return join(this.directory, "data");
  }

  /** Starts the server again, after {@linkcode stop}. */
  async restart(): Promise<void> {
    const settings = {
      listen_addresses: HOST,
      port: this.port,
      unix_socket_directories: this.directory,
      fsync: "off",
      full_page_writes: "off",
      shared_buffers: "16MB",
      max_connections: 200,
      ...this.#settings,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    this.#child = asSystemUser("postgres", ["-D", this.#data, ...args], true).spawn();
    await this.#untilReady();
  }

  /** Stops the server: `fast` ends connections in order, `immediate` is a crash. */
  async stop(how: "fast" | "immediate" = "fast"): Promise<void> {
    await this.#disconnect();
    this.#child?.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
    await this.#child?.status;
    this.#child = undefined;
  }

  /** Stops the server and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.directory, { recursive: true });
    this.#ports?.[Symbol.dispose]();
  }

  /** As `Symbol.asyncDispose`, at the end of the process. */
  abandon(): void {
    this.#child?.kill("SIGQUIT");
    Deno.removeSync(this.directory, { recursive: true });
  }

  /** Returns the address of a database. */
  url(name: string, port = this.port): string {
    return `postgres://${USER}:secret-of-the-database@${HOST}:${port}/${name}`;
  }

  /** Creates an empty database. Returns its name. */
  createDatabase(): Promise<string> {
    return this.#createFrom("template0");
  }

  /** Creates a database that has the schema of the program, and nothing in it. Returns its name. */
  async createMigratedDatabase(): Promise<string> {
    await this.prepareCopies();
    return await this.#createFrom(MIGRATED);
  }

  /** Creates the database of which {@linkcode createMigratedDatabase} makes copies. */
  prepareCopies(): Promise<void> {
    return this.#migrated ??= this.#migrate();
  }

  async #migrate(): Promise<void> {
    await this.query("postgres", `CREATE DATABASE ${MIGRATED} TEMPLATE template0`);
    await (await PostgresStore.open(databaseConfig(this.url(MIGRATED)))).close();
  }

  async #createFrom(template: string): Promise<string> {
    const name = `test_${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    await this.query("postgres", `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
    return name;
  }

  /** Removes a database, whoever uses it. */
  async dropDatabase(name: string): Promise<void> {
    await this.#disconnect(name);
    await this.query("postgres", `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }

  /** Offers TLS from now on, with this certificate and key in PEM. */
  async useCertificate(cert: string, key: string): Promise<void> {
    for (const [name, text] of [["server.crt", cert], ["server.key", key]] as const) {
      const path = join(this.#data, name);
      await Deno.writeTextFile(path, text, { mode: 0o600 });
      const { uid, gid } = await Deno.stat(this.#data);
      await Deno.chown(path, uid, gid);
    }
    await this.query("postgres", "ALTER SYSTEM SET ssl = on");
    await this.query("postgres", "SELECT pg_reload_conf()");
  }

  /** Runs statements in a database. Returns the rows of the last one. */
  async query(database: string, sql: string): Promise<Record<string, unknown>[]> {
    let pool = this.#pools.get(database);
    if (!pool) {
      pool = new pg.Pool({ ...{ host: HOST, port: this.port, user: USER, database }, ...KEPT });
      pool.on("error", () => {}); // The server was stopped; the pool connects anew.
      this.#pools.set(database, pool);
    }
    return [await pool.query(sql)].flat().at(-1)!.rows;
  }

  /** Closes the connections of {@linkcode query} to a database, or to all. */
  async #disconnect(database?: string): Promise<void> {
    for (const [name, pool] of this.#pools) {
      if (database !== undefined && name !== database) continue;
      this.#pools.delete(name);
      await pool.end();
    }
  }

  async #untilReady(): Promise<void> {
    for (;;) {
      try {
        return void await this.query("postgres", "SELECT 1");
      } catch (error) {
        const { code = "" } = error as { code?: string };
        if (code !== "ECONNREFUSED" && code !== "57P03") throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}

/** Returns the settings of a database from its address. */
export function databaseConfig(url: string): DatabaseConfig {
  const address = parseDatabaseUrl(url);
  if ("fault" in address) throw new Error(address.fault);
  return address;
}

async function startShared(): Promise<Cluster> {
  const running = Deno.env.get(CLUSTER_VARIABLE);
  if (running) return await Cluster.attach(running);
  const cluster = await Cluster.start();
  await cluster.prepareCopies();
  globalThis.addEventListener("unload", () => cluster.abandon());
  return cluster;
}

let shared: Promise<Cluster> | undefined;

/**
 * Returns the cluster of all tests, or else of this isolate, which ends with it; `undefined`: PostgreSQL is not installed. To be
 * called outside of tests.
 */
export async function sharedCluster(): Promise<Cluster | undefined> {
  if (needsPostgres.ignore) return undefined;
  shared ??= startShared();
  return await shared;
}
