/**
 * Settings, an empty database and a simulated Microsoft, for tests that run commands of the real program.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { HOUR_MS, systemClock } from "../lib/base/mod.ts";
import { parseConfig } from "../lib/config/mod.ts";
import { closeServices, openServices } from "../lib/program/mod.ts";
import { ScriptedBrowser } from "../tools/simulate/browser.ts";
import { person } from "../tools/simulate/people.ts";
import { productEnvironment, type ProductPorts } from "../tools/simulate/product_environment.ts";
import { Simulation, type SimulationOptions } from "../tools/simulate/simulation.ts";
import { findPorts, NORA } from "./harness.ts";

/** Settings that differ from those of the world. */
export type Settings = Readonly<Record<string, string>>;

/** What a command has printed, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export class CommandWorld implements AsyncDisposable {
  /** A port for METRICS_PORT. */
  readonly metricsPort = findPorts().http;

  private constructor(
    readonly simulation: Simulation,
    readonly directory: string,
    readonly ports: ProductPorts,
    /** What every command finds in its environment. */
    readonly environment: Record<string, string>,
  ) {}

  static async start(options: SimulationOptions = {}): Promise<CommandWorld> {
    const simulation = await Simulation.start(options);
    const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_" });
    const ports = findPorts();
    const environment = await productEnvironment(simulation, directory, ports);
    return new CommandWorld(simulation, directory, ports, environment);
  }

  /** A file of this world. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** A command of the program, with no more rights than it needs. */
  command(args: readonly string[], settings: Settings = {}): Deno.Command {
    const permissions = [
      "--allow-net",
      "--allow-read",
      "--allow-env",
      `--allow-write=${this.directory}`,
      "--no-prompt",
    ];
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", ...permissions, "main.ts", ...args],
      env: { ...this.environment, ...settings },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }

  /** Runs a command to its end. */
  async run(args: readonly string[], settings?: Settings): Promise<Ended> {
    const { code, stdout, stderr } = await this.command(args, settings).output();
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout), errors: decoder.decode(stderr) };
  }

  /** Runs a command that has to succeed. @returns its result. */
  async json(...args: readonly string[]) {
    const { code, output, errors } = await this.run([...args, "--json"]);
    assert.equal(code, 0, errors);
    return JSON.parse(output);
  }

  /** Puts Nora's account into the database, with an access token alone: a sign-in by a code takes some seconds. */
  async seedAccount(): Promise<void> {
    const { identityProvider } = this.simulation;
    const nowMs = systemClock.now();
    const config = parseConfig(this.environment, Deno.readTextFileSync);
    const services = await openServices(config);
    await services.vault.recordSignIn({
      tenantId: person(NORA).tenantId,
      objectId: person(NORA).objectId,
      signInName: NORA,
      signInNameConfirmed: true,
      email: NORA,
      emailVerified: true,
      displayName: "Nora Lindqvist",
      clientId: config.defaultClientId,
      atMs: nowMs,
    }, {
      accessToken: identityProvider.issueAccessToken(NORA),
      accessTokenExpiresAtMs: nowMs + HOUR_MS,
      refreshToken: "unknown",
      obtainedAtMs: nowMs,
    });
    await closeServices(services);
  }

  /** Runs `account add`, and enters its code in a browser. */
  async addAccount(args: readonly string[] = [], settings?: Settings): Promise<Ended> {
    const child = this.command(["account", "add", ...args], settings).spawn();
    const errors = new Response(child.stderr).text();
    const decoder = new TextDecoder();
    let output = "";
    let entered = false;
    for await (const chunk of child.stdout) {
      output += decoder.decode(chunk, { stream: true });
      const [, uri, code] = /Open (\S+) and enter the code (\S+)\n/.exec(output) ?? [];
      if (entered || !uri || !code) continue;
      entered = true;
      await enterCode(uri, code);
    }
    return { code: (await child.status).code, output, errors: await errors };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.simulation[Symbol.asyncDispose]();
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** What a person does in a browser with the code. */
async function enterCode(uri: string, code: string): Promise<void> {
  const browser = new ScriptedBrowser();
  const entry = await browser.get(uri);
  const [, xsrf = ""] = /name="xsrf" value="([^"]+)"/.exec(entry.text) ?? [];
  const signInPage = await browser.post(entry.url, { xsrf, user_code: code, confirm: "yes" });
  await browser.post(signInPage.url, { address: NORA });
}
