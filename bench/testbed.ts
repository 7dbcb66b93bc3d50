/**
 * Everything that takes part in the benchmark: sink, proxy, HAProxy, load generator, each a process of its own.
 *
 * @module
 */
import { join } from "node:path";
import { createDatabase } from "./accounts.ts";
import type { Credentials } from "./client.ts";
import type { LoadResult } from "./load.ts";
import { compileNative, type NativePrograms } from "./native.ts";
import { Haproxy, IdleClients, Proxy, Sink } from "./participants.ts";
import { endAll } from "./process.ts";
import { proxySettings, SESSION_SECRET } from "./settings.ts";
import { BUILT_PROGRAM } from "../tools/bundle.ts";
import { RUNTIME_FLAGS } from "../tools/permissions.ts";
import { CertificateAuthority } from "../tools/simulate/certificates.ts";
import { PortFinder } from "../tools/simulate/ports.ts";

const FIRST_PORT = 20_000;
const PORT_RANGE = 30_000;
/** The exit code that shells report for a program that SIGINT has ended. */
const INTERRUPTED = 130;
/** Microsoft's servers have RSA keys; acme clients make P-256 ones. */
const SERVER_KEYS = { sink: "RSA-2048", proxy: "P-256" } as const;
const ROOT = new URL("..", import.meta.url).pathname;

/** The files that all processes share, and the way to start them. */
export class Testbed {
  readonly #ports = new PortFinder();

  private constructor(
    readonly directory: string,
    /** Those who send: as many mailboxes as clients at once. */
    readonly people: readonly Credentials[],
    readonly native: NativePrograms | undefined,
  ) {}

  /** @param personCount Accounts in the proxy's database. */
  static async create(personCount: number): Promise<Testbed> {
    const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_bench_" });
    const write = (name: string, text: string) => Deno.writeTextFile(join(directory, name), text);
    const authority = await CertificateAuthority.create("Benchmark");
    const names = ["localhost", "127.0.0.1"];
    await write("ca.pem", authority.certificate);
    for (const [server, key] of Object.entries(SERVER_KEYS)) {
      const certificate = await authority.issue({ names, key });
      await write(`${server}_key.pem`, certificate.key);
      await write(`${server}_cert.pem`, certificate.cert);
    }
    const people = await createDatabase(join(directory, "db.sqlite"), SESSION_SECRET, personCount);
    await write("people.json", JSON.stringify(people));
    return new Testbed(directory, people, await compileNative(directory));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }

  /** When the benchmark is interrupted, nothing of it stays: no process, no file. */
  cleanUpOnInterrupt(): void {
    const cleanUp = () => {
      endAll();
      Deno.removeSync(this.directory, { recursive: true });
      Deno.exit(INTERRUPTED);
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, cleanUp);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Starts the sink that costs least, for {@linkcode Testbed.loadFast}: it can't be told to be slow. */
  async startFastSink(): Promise<Sink> {
    if (this.native === undefined) return await this.startSink();
    const args = [this.path("sink_key.pem"), this.path("sink_cert.pem")];
    const command = new Deno.Command(this.native.sink, { args, stdin: "piped", stdout: "piped" });
    return await Sink.open(command.spawn());
  }

  async startSink(): Promise<Sink> {
    const args = ["bench/sink.ts", this.path("sink_key.pem"), this.path("sink_cert.pem")];
    const child = this.#deno(args, { stdin: "piped", stdout: "piped" }).spawn();
    return await Sink.open(child);
  }

  /** Starts the program that is measured, and waits for its first greeting. */
  async startProxy(sink: Sink, options: ProxyOptions = {}): Promise<Proxy> {
    const ports = { plain: this.#freePort(), tls: this.#freePort(), http: this.#freePort() };
    const { databasePath = this.path("db.sqlite"), databaseUrl, profileDirectory } = options;
    const settings = proxySettings({
      ports,
      targetPort: sink.ports.starttls,
      databasePath,
      databaseUrl,
      keyFile: this.path("proxy_key.pem"),
      certFile: this.path("proxy_cert.pem"),
      others: options.settings,
    });
    const envFile = this.path(`proxy_${ports.plain}.env`);
    await Deno.writeTextFile(envFile, settings);
    const profile = profileDirectory === undefined
      ? []
      : ["--cpu-prof", `--cpu-prof-dir=${profileDirectory}`];
    // A profile shows the functions in their own files.
    const program = profileDirectory === undefined ? BUILT_PROGRAM : "main.ts";
    const args = [...RUNTIME_FLAGS, ...profile, program, "serve", "--env-file", envFile];
    const child = this.#deno(args, { stdin: "null", stdout: "null" }).spawn();
    const proxy = new Proxy(child, ports);
    await proxy.greets(ports.plain);
    return proxy;
  }

  /** Starts HAProxy between plain clients and the sink's port with TLS from the first octet; it does not know STARTTLS. */
  async startHaproxy(sink: Sink): Promise<Haproxy> {
    const port = this.#freePort();
    const file = this.path("haproxy.cfg");
    await Deno.writeTextFile(
      file,
      `global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen smtp
  bind 127.0.0.1:${port}
  server sink 127.0.0.1:${sink.ports.tls} ssl verify required verifyhost localhost ca-file ${
        this.path("ca.pem")
      }
`,
    );
    const child = new Deno.Command("haproxy", { args: ["-db", "-f", file], stdin: "null" }).spawn();
    const haproxy = new Haproxy(child, port);
    await haproxy.greets(port);
    return haproxy;
  }

  /** Starts clients that do nothing. @param tls As the option of the load generator. */
  startIdleClients(port: number, tls: string): IdleClients {
    const args = ["bench/idle.ts", `${port}`, tls, this.path("people.json")];
    return new IdleClients(this.#deno(args, { stdin: "piped", stdout: "piped" }).spawn());
  }

  /** Runs Deno with a program that does nothing. */
  async runNothing(): Promise<void> {
    await this.#deno(["data:text/javascript,"], { stdin: "null" }).output();
  }

  /** Runs the load generator to its end. @param args See its usage. */
  async load(port: number, ...args: readonly string[]): Promise<LoadResult> {
    const { options, streams } = this.#loadOptions(port, args);
    return await resultOf(this.#deno(["bench/load.ts", ...options], streams));
  }

  /** The same with the load generator that costs least. */
  async loadFast(port: number, ...args: readonly string[]): Promise<LoadResult> {
    if (this.native === undefined) return await this.load(port, ...args);
    const { options, streams } = this.#loadOptions(port, args);
    const env = { DENO_CERT: this.path("ca.pem") };
    return await resultOf(new Deno.Command(this.native.load, { args: options, env, ...streams }));
  }

  #loadOptions(port: number, args: readonly string[]) {
    const options = ["--port", `${port}`, "--people", this.path("people.json"), ...args];
    return { options, streams: { stdin: "null", stdout: "piped" } as const };
  }

  /** Nothing but what is given here reaches the settings of the program. */
  #deno(args: readonly string[], options: Deno.CommandOptions): Deno.Command {
    const passed = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME"];
    const env = Object.fromEntries(
      passed.flatMap((name) => Deno.env.has(name) ? [[name, Deno.env.get(name)!]] : []),
    );
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", ...args],
      cwd: ROOT,
      clearEnv: true,
      env: { ...env, DENO_CERT: this.path("ca.pem"), DENO_NO_UPDATE_CHECK: "1" },
      ...options,
    });
  }

  #freePort(): number {
    // At a random place, so that two benchmarks do not meet.
    return this.#ports.next(FIRST_PORT + Math.floor(Math.random() * PORT_RANGE));
  }
}

async function resultOf(command: Deno.Command): Promise<LoadResult> {
  const { success, stdout } = await command.output();
  if (!success) throw new Error("the load generator failed");
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** How the proxy is started. */
export interface ProxyOptions {
  /** Default: the database with {@linkcode Testbed.people}. */
  readonly databasePath?: string;
  /** A database in PostgreSQL instead. */
  readonly databaseUrl?: string;
  /** Where V8 is to write a CPU profile at the end. */
  readonly profileDirectory?: string;
  /** More settings, by their names. */
  readonly settings?: Readonly<Record<string, string>>;
}
