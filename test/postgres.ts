/**
 * PostgreSQL for tests: one throw-away cluster for all test files of an isolate, one database for each test.
 *
 * @module
 */
import { join } from "node:path";
import pg from "pg";
import { parseDatabaseUrl } from "../lib/config/mod.ts";
import type { DatabaseConfig } from "../lib/config/mod.ts";
import { ReservedPorts } from "./ports.ts";
import { requireProgram } from "./programs.ts";

const HOST = "127.0.0.1";
const USER = "proxy";
/** Debian keeps the server's programs apart, by version. */
const DEBIAN = "/usr/lib/postgresql";
const SYSTEM_USER = "postgres";

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
  readonly port: number;
  readonly #directory: string;
  readonly #ports: ReservedPorts;
  readonly #settings: ClusterSettings;
  #child: Deno.ChildProcess | undefined;
  #count = 0;

  private constructor(directory: string, settings: ClusterSettings) {
    this.#directory = directory;
    this.#settings = settings;
    this.#ports = ReservedPorts.reserve();
    this.port = this.#ports.http;
  }

  /** Creates the files and starts the server. */
  static async start(settings: ClusterSettings = {}): Promise<Cluster> {
    const options = ["--username", USER, "--auth", "trust", "--no-sync", "--encoding", "UTF8"];
    const init = ["--locale", "C.UTF-8", ...options];
    return await Cluster.#create(settings, "initdb", init);
  }

  static async #create(settings: ClusterSettings, program: string, args: readonly string[]) {
    const directory = await Deno.makeTempDir({ prefix: "postgres_" });
    await Deno.chmod(directory, 0o777);
    const cluster = new Cluster(directory, settings);
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
    return join(this.#directory, "data");
  }

  /** Starts the server again, after {@linkcode stop}. */
  async restart(): Promise<void> {
    const settings = {
      listen_addresses: HOST,
      port: this.port,
      unix_socket_directories: this.#directory,
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
    this.#child?.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
    await this.#child?.status;
    this.#child = undefined;
  }

  /** Stops the server and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.#directory, { recursive: true });
    this.#ports[Symbol.dispose]();
  }

  /** As `Symbol.asyncDispose`, at the end of the process. */
  abandon(): void {
    this.#child?.kill("SIGQUIT");
    Deno.removeSync(this.#directory, { recursive: true });
  }

  /** Returns the address of a database. */
  url(name: string, port = this.port): string {
    return `postgres://${USER}:secret-of-the-database@${HOST}:${port}/${name}`;
  }

  /** Creates an empty database. Returns its name. */
  async createDatabase(): Promise<string> {
    const name = `test_${++this.#count}`;
    await this.query("postgres", `CREATE DATABASE ${name} TEMPLATE template0 STRATEGY file_copy`);
    return name;
  }

  /** Removes a database, whoever uses it. */
  async dropDatabase(name: string): Promise<void> {
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
    const client = new pg.Client({ host: HOST, port: this.port, user: USER, database });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
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
  const cluster = await Cluster.start();
  globalThis.addEventListener("unload", () => cluster.abandon());
  return cluster;
}

let shared: Promise<Cluster> | undefined;

/**
 * Returns the cluster of all test files of this isolate, which ends with them; `undefined`: PostgreSQL is not installed. To be
 * called outside of tests.
 */
export async function sharedCluster(): Promise<Cluster | undefined> {
  if (needsPostgres.ignore) return undefined;
  shared ??= startShared();
  return await shared;
}
