/**
 * Starts the real program against the simulated Microsoft, for end-to-end tests.
 *
 * @module
 */
import assert, { fail } from "node:assert/strict";
import { serveCommand } from "../tools/program.ts";
import { ScriptedBrowser } from "../tools/simulate/browser.ts";
import { PortFinder } from "../tools/simulate/ports.ts";
import { productEnvironment, type ProductPorts } from "../tools/simulate/product_environment.ts";
import { Simulation, type SimulationOptions } from "../tools/simulate/simulation.ts";
import { SmtpClient, type SmtpLogin } from "../tools/simulate/smtp_client.ts";

/** The sender of most tests. */
export const NORA = "nora@outlook.example";

/** Below the ports that systems give to outgoing connections. */
const FIRST_PORT = 10_000;
const PORT_RANGE = 20_000;
/** How long the program may take to start on a busy machine. */
const START_TIMEOUT_MS = 60_000;

/** The program as a child process, with the simulation it uses. */
export class Product implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: Output;
  readonly #directory: string;

  private constructor(
    readonly simulation: Simulation,
    readonly ports: ProductPorts,
    /** File with the certificate of the authority that issued all certificates here. */
    readonly caFile: string,
    parts: { child: Deno.ChildProcess; output: Output; directory: string },
  ) {
    this.#child = parts.child;
    this.#output = parts.output;
    this.#directory = parts.directory;
  }

  /**
   * Starts simulation and program, and waits until the program is ready.
   *
   * @param settings Settings that differ from those of the simulation.
   * @param command How the program is run.
   */
  static async start(
    settings: Record<string, string> = {},
    options: SimulationOptions = {},
    command = serveCommand,
  ): Promise<Product> {
    const simulation = await Simulation.start(options);
    const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_" });
    const ports = findPorts();
    const env = { ...await productEnvironment(simulation, directory, ports), ...settings };
    const child = command("this-machine", directory, [], {
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = new Output(child);
    const product = new Product(simulation, ports, env.DENO_CERT!, { child, output, directory });
    try {
      await output.includes(/\bready\b/);
      return product;
    } catch (error) {
      await product[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Identifier of the program's process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** All that the program has printed so far. */
  get log(): string {
    return this.#output.text;
  }

  /** Waits for a text in what the program prints. */
  async logs(pattern: RegExp): Promise<void> {
    await this.#output.includes(pattern);
  }

  /** Address of the web pages. */
  get url(): string {
    return `http://localhost:${this.ports.http}`;
  }

  /** Signs a person in on the web pages, and makes an app password. */
  async signIn(address = NORA): Promise<SmtpLogin> {
    const browser = new ScriptedBrowser();
    const signInPage = await browser.get(`${this.url}/auth`);
    await browser.post(signInPage.url, { address });
    const page = await browser.post(`${this.url}/account/passwords`, { name: "test" });
    return {
      username: textOf(page.text, "smtp-username"),
      password: textOf(page.text, "app-password"),
    };
  }

  /** A mail client that has connected by STARTTLS and logged in. */
  async connect(login: SmtpLogin): Promise<SmtpClient> {
    const client = await SmtpClient.connect(this.ports.startTls);
    await client.startTls(this.simulation.certificateAuthority.certificate);
    assert.match(await client.authenticate(login), /^235 /);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#output.hasEnded) this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#output.ended;
    await this.simulation[Symbol.asyncDispose]();
    await Deno.remove(this.#directory, { recursive: true });
  }
}

/** What a child process prints. */
class Output {
  text = "";
  hasEnded = false;
  /** Both streams have come to their end. */
  readonly ended: Promise<void>;
  readonly #child: Deno.ChildProcess;
  #onText = () => {};

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    const streams = [this.#collect(child.stdout), this.#collect(child.stderr)];
    this.ended = Promise.all(streams).then(() => {
      this.hasEnded = true;
    });
  }

  /** Waits for a text that has not come yet. @throws when the process ends without it. */
  async includes(pattern: RegExp): Promise<void> {
    const { promise: foundOrLate, resolve } = Promise.withResolvers<void>();
    this.#onText = () => pattern.test(this.text) && resolve();
    this.#onText();
    const timer = setTimeout(resolve, START_TIMEOUT_MS);
    await Promise.race([foundOrLate, this.ended]);
    clearTimeout(timer);
    if (pattern.test(this.text)) return;
    const end = this.hasEnded ? `ended with code ${(await this.#child.status).code}` : "hangs";
    fail(`The program ${end} and did not print ${pattern}:\n${this.text}`);
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true });
      this.#onText();
    }
  }
}

/** Looks at a random place, so that tests that run at the same time do not look at the same one. */
export function findPorts(): ProductPorts {
  const finder = new PortFinder();
  const next = () => finder.next(FIRST_PORT + Math.floor(Math.random() * PORT_RANGE));
  return { http: next(), smtp: next(), tls: next(), startTls: next(), autoTls: next() };
}

/** The text of the element with an id. */
function textOf(page: string, id: string): string {
  const [, text] = new RegExp(`id="${id}"[^>]*>([^<]+)<`).exec(page) ?? [];
  return text ?? fail(`The page has no text with id="${id}":\n${page}`);
}

/**
 * Options of a test that needs a program: the test is left out where the program is missing, except on a CI machine.
 *
 * @param versionArgument Makes the program say its version.
 * @throws where it is missing on a CI machine.
 */
export function requireProgram(
  program: string,
  versionArgument = "--version",
): { ignore: boolean } {
  const ignore = !isInstalled(program, versionArgument);
  if (ignore && Deno.env.get("CI")) {
    throw new Error(`${program} is not installed, and the tests on a CI machine need it.`);
  }
  return { ignore };
}

function isInstalled(program: string, versionArgument: string): boolean {
  try {
    const options: Deno.CommandOptions = { args: [versionArgument], stdin: "null" };
    return new Deno.Command(program, options).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs a program to its end. @returns what it has printed. */
export async function run(
  program: string,
  args: readonly string[],
  { stdin = "" } = {},
): Promise<{ code: number; output: string }> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}
