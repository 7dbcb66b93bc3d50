/**
 * Development: builds the pages, runs the program, and does both again when a source changes. Open pages reload. Without
 * `APP_SECRETS`, the program runs against a simulated Microsoft on this machine.
 *
 *     deno run -A dev.ts [--config FILE]
 *
 * The program is run with that configuration of Deno.
 *
 * @module
 */
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { DEVELOPMENT_MODE } from "build";
import { Builder } from "fresh/dev";
import { type Environment, readSettings, SETTINGS } from "./lib/config/mod.ts";
import { developmentSettings } from "./tools/development_settings.ts";
import { type Network, serveCommand } from "./tools/program.ts";
import { Demo, DEMO_DIRECTORY } from "./tools/simulate/demo.ts";

const { values: { config } } = parseArgs({ options: { config: { type: "string" } } });
/** No flags by which modules come from the cache alone: new packages are fetched. */
const CONFIG_FLAGS = config === undefined ? [] : ["--config", config];
const DATA_DIRECTORY = "data";
/** The folder of a certificate that is made if no setting names one. */
const CERTIFICATES = "data/development";
/** The sources of the running program. */
const SOURCE = /^(main\.ts|deno\.json|(lib|smtp|routes|islands|static)\/.*\.\w+)$/;
const IRRELEVANT = /_test\.tsx?$|\.sw\w$|~$/;
/** An editor that saves all files causes one restart. */
const DEBOUNCE_MS = 200;
/** How often, and how many times, the pages are asked for at the start: 30 seconds. */
const READY_INTERVAL_MS = 200;
const READY_ATTEMPTS = 150;
/** How long the program gets to finish what it is doing. */
const STOP_TIMEOUT_MS = 5000;

/** How the program is run. */
interface Launch {
  readonly network: Network;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}

/** The program as a child process that can be restarted. */
class Program implements AsyncDisposable {
  readonly #launch: Launch;
  #child: Deno.ChildProcess | undefined;

  constructor(launch: Launch) {
    this.#launch = launch;
  }

  async restart(): Promise<void> {
    await this.stop();
    const { network, args, env } = this.#launch;
    const options: Deno.CommandOptions = { env, clearEnv: true, stdin: "null" };
    const child = serveCommand(network, DATA_DIRECTORY, args, options, CONFIG_FLAGS).spawn();
    this.#child = child;
    child.status.then(({ code }) => this.#ended(child, code));
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    child.kill("SIGTERM");
    await child.status;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Called when a child has ended: by {@linkcode stop}, or by itself. */
  #ended(child: Deno.ChildProcess, code: number): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    console.error(`The program ended with code ${code}. It starts again when a source changes.`);
  }
}

/** Collects paths that change at about the same time. */
class Changes {
  readonly #apply: (paths: readonly string[]) => Promise<void>;
  #pending = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Changes are handled one after the other. */
  #last = Promise.resolve();

  constructor(apply: (paths: readonly string[]) => Promise<void>) {
    this.#apply = apply;
  }

  add(path: string): void {
    this.#pending.add(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), DEBOUNCE_MS);
  }

  /** Drops pending changes, and waits for the one that is being handled. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#last;
  }

  #flush(): void {
    const paths = [...this.#pending];
    this.#pending.clear();
    this.#last = this.#last.then(() => this.#apply(paths));
  }
}

/** Builds the pages; a mistake in a source is shown, and the last build stays. */
async function build(): Promise<void> {
  try {
    await new Builder().build({ mode: DEVELOPMENT_MODE });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
}

/** Runs with the developer's own settings, by default on this machine only. */
async function ordinaryLaunch(own: Environment): Promise<Launch> {
  const added = await developmentSettings(own, CERTIFICATES);
  return { network: "any", args: [], env: { ...Deno.env.toObject(), ...added } };
}

/** Runs with the settings in the demo's file only, which contains some of the developer's own. */
function demoLaunch({ envFile, caFile }: Demo): Launch {
  const env = Deno.env.toObject();
  for (const { name } of SETTINGS) delete env[name];
  return {
    network: "this-machine",
    args: ["--env-file", envFile],
    env: { ...env, DENO_CERT: caFile },
  };
}

async function startDemo(own: Environment): Promise<Demo> {
  const demo = await Demo.start({
    parent: DEMO_DIRECTORY,
    own,
    onSignIn: (person) =>
      console.log(
        `\n  ${person.name} has signed in. To send a mail:\n  ${demo.swaksCommand(person)}\n`,
      ),
  });
  return demo;
}

/** Waits until the pages can be opened; false if that takes too long. The program has logged the reason. */
async function becomesReady(url: string): Promise<boolean> {
  for (let attempt = 0; attempt < READY_ATTEMPTS; attempt++) {
    const isReady = await fetch(`${url}/readyz`).then(
      async ({ ok, body }) => (await body?.cancel(), ok),
      () => false,
    );
    if (isReady) return true;
    await new Promise((resolve) => setTimeout(resolve, READY_INTERVAL_MS));
  }
  return false;
}

/** Closes the watcher on the first Ctrl-C, which ends the program. The second one is not caught. */
function closeOnSignal(watcher: Deno.FsWatcher): void {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  const close = () => {
    for (const signal of signals) Deno.removeSignalListener(signal, close);
    watcher.close();
  };
  for (const signal of signals) Deno.addSignalListener(signal, close);
}

/** The developer's own settings. */
const { given: own } = readSettings(undefined, Deno.readTextFileSync, Deno.env.toObject());
await using demo = own.APP_SECRETS ? undefined : await startDemo(own);
await using program = new Program(demo ? demoLaunch(demo) : await ordinaryLaunch(own));

const changes = new Changes(async (paths) => {
  console.log(`Changed: ${paths.join(", ")}`);
  await build();
  await program.restart();
});

const watcher = Deno.watchFs(".");
closeOnSignal(watcher);
await build();
await program.restart();
if (demo && await becomesReady(demo.url)) console.log(demo.describe());
for await (const { kind, paths } of watcher) {
  if (kind === "access") continue;
  for (const path of paths.map((absolute) => relative(".", absolute))) {
    if (SOURCE.test(path) && !IRRELEVANT.test(path)) changes.add(path);
  }
}
await changes.stop();
// The program that is started next gets pages without scripts for development.
await new Builder().build();
