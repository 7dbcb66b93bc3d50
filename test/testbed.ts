/**
 * The surroundings of an end-to-end test: the program, a simulated Microsoft, a directory, ports and settings.
 *
 * @module
 */
import assert, { fail } from "node:assert/strict";
import { join } from "node:path";
import { HOUR_MS, systemClock } from "../lib/base/mod.ts";
import { Output } from "../lib/cli/mod.ts";
import { parseConfig } from "../lib/config/mod.ts";
import { closeServices, openServices, type Services } from "../lib/program/mod.ts";
import { TcpDialer } from "../smtp/mod.ts";
import { serveCommand } from "../tools/program.ts";
import { ScriptedBrowser } from "../tools/simulate/browser.ts";
import type { CertificateRequest } from "../tools/simulate/certificates.ts";
import { person } from "../tools/simulate/people.ts";
import { productEnvironment, type ProductPorts } from "../tools/simulate/product_environment.ts";
import { Simulation, type SimulationOptions } from "../tools/simulate/simulation.ts";
import { SmtpClient, type SmtpLogin } from "../tools/smtp_client.ts";
import { ReservedPorts } from "./ports.ts";
import { RunningProgram } from "./running_program.ts";

/** The sender of most tests. */
export const NORA = "nora@outlook.example";

const DEFAULT_TOKEN_LIFETIME_S = 3600;

/** Settings that differ from those of the testbed. */
export type Settings = Readonly<Record<string, string>>;

/** How the program is started as a server; {@linkcode serveCommand} by default. */
export type ServeCommand = typeof serveCommand;

type Validity = Pick<CertificateRequest, "notBefore" | "notAfter">;

/** The output and the exit code of a command. */
export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** How a command runs in the process of a test. */
export interface CommandOptions {
  /** The authority that it trusts besides those of the system, in PEM. */
  readonly ca?: string;
  /** Called with each line of its output. */
  readonly onLine?: (line: string) => void;
}

/** A simulated Microsoft, and everything that the program needs to work with it. */
export class Testbed implements AsyncDisposable {
  #server: RunningProgram | undefined;

  private constructor(
    readonly simulation: Simulation,
    readonly directory: string,
    readonly ports: ReservedPorts,
    /** The settings of every command and server. */
    readonly environment: Record<string, string>,
  ) {}

  /** Starts the simulation. */
  static async open(options: SimulationOptions = {}): Promise<Testbed> {
    const simulation = await Simulation.start(options);
    const directory = await Deno.makeTempDir({ prefix: "smtp_oauth2_proxy_" });
    const ports = ReservedPorts.reserve();
    const environment = {
      ...await productEnvironment(simulation, directory, ports),
      // Most tests compare messages octet for octet, many without a header.
      SMTP_MISSING_HEADERS: "leave",
    };
    return new Testbed(simulation, directory, ports, environment);
  }

  /** Starts the simulation and a server. */
  static async serving(
    settings: Settings = {},
    options: SimulationOptions = {},
    command?: ServeCommand,
  ): Promise<Testbed> {
    const bed = await Testbed.open(options);
    try {
      await bed.serve(settings, command);
      return bed;
    } catch (error) {
      await bed[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The server that was started last. */
  get server(): RunningProgram {
    return this.#server ?? fail("no server was started");
  }

  /** Address of the web pages. */
  get url(): string {
    return `http://localhost:${this.ports.http}`;
  }

  /** Certificate of the authority that issued all certificates here, in PEM. */
  get ca(): string {
    return this.simulation.certificateAuthority.certificate;
  }

  /** File with {@linkcode ca}. */
  get caFile(): string {
    return this.environment.DENO_CERT!;
  }

  /** Path of a file in the directory of the testbed. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** Undoes what a test has done to the simulation: everything works, and nobody is connected. */
  async recover(): Promise<void> {
    const { identityProvider, submissionServer } = this.simulation;
    identityProvider.faults.token = undefined;
    identityProvider.accessTokenLifetimeS = DEFAULT_TOKEN_LIFETIME_S;
    submissionServer.refusal = undefined;
    submissionServer.badTokenRefusal = "direct";
    submissionServer.pace = undefined;
    await identityProvider.stop();
    await identityProvider.restart();
    await submissionServer.stop();
    await submissionServer.restart();
  }

  /** Points the settings at a database that does not exist yet. */
  useNewDatabase(): void {
    this.environment.SQLITE_PATH = this.path(`${crypto.randomUUID()}.sqlite`);
  }

  /** Replaces the certificate of the SMTP server. */
  async certify(names: readonly string[], validity: Validity = {}): Promise<void> {
    const { certificateAuthority } = this.simulation;
    const { key, cert } = await certificateAuthority.issue({ names, ...validity });
    await Deno.writeTextFile(this.environment.SMTP_KEY_FILE!, key);
    await Deno.writeTextFile(this.environment.SMTP_CERT_FILE!, cert);
  }

  /** Starts a server as a process, and waits until it is ready. */
  async serve(settings: Settings = {}, command?: ServeCommand): Promise<RunningProgram> {
    return this.#server = await RunningProgram.start(this.serveCommand(settings, command));
  }

  /** The command that {@linkcode serve} runs. */
  serveCommand(settings: Settings = {}, command: ServeCommand = serveCommand): Deno.Command {
    return command("this-machine", this.directory, [], {
      env: { ...this.environment, ...settings },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }

  /** Runs a command of the program in this process. */
  run(args: readonly string[], settings: Settings = {}, options?: CommandOptions): Promise<Ended> {
    return runCommand(args, { ...this.environment, ...settings }, { ca: this.ca, ...options });
  }

  /** Runs a command that has to succeed. @returns its result. */
  async json(...args: readonly string[]) {
    const { code, output, errors } = await this.run([...args, "--json"]);
    assert.equal(code, 0, errors);
    return JSON.parse(output);
  }

  /** Runs `account add`, and enters its code in a browser. */
  async addAccount(args: readonly string[] = [], settings?: Settings): Promise<Ended> {
    let entered = Promise.resolve();
    const ended = await this.run(["account", "add", ...args], settings, {
      onLine: (line) => {
        const [, uri, code] = /^Open (\S+) and enter the code (\S+)$/.exec(line) ?? [];
        if (uri !== undefined && code !== undefined) entered = enterCode(uri, code);
      },
    });
    await entered;
    return ended;
  }

  /** Works on the database, with everything that the commands have. */
  async withServices<Result>(work: (services: Services) => Promise<Result>): Promise<Result> {
    const config = parseConfig(this.environment, Deno.readTextFileSync);
    const services = await openServices(config);
    try {
      return await work(services);
    } finally {
      await closeServices(services);
    }
  }

  /** Puts an account into the database, with an access token and no refresh token: quicker than any sign-in. */
  async seedAccount(address = NORA, tokenLifetimeMs = HOUR_MS): Promise<void> {
    const nowMs = systemClock.now();
    const { tenantId, objectId } = person(address);
    await this.withServices(({ vault, config }) =>
      vault.recordSignIn({
        tenantId,
        objectId,
        signInName: address,
        signInNameConfirmed: true,
        email: address,
        emailVerified: true,
        displayName: "Nora Lindqvist",
        clientId: config.defaultClientId,
        atMs: nowMs,
      }, {
        accessToken: this.simulation.identityProvider.issueAccessToken(address),
        accessTokenExpiresAtMs: nowMs + tokenLifetimeMs,
        refreshToken: "unknown",
        obtainedAtMs: nowMs,
      })
    );
  }

  /** Makes an app password, on the command line. */
  async createLogin(address = NORA): Promise<SmtpLogin> {
    const { username, password } = await this.json(
      "account",
      "password",
      "create",
      address,
      "printer",
    );
    return { username, password };
  }

  /** Signs Nora in on the web pages, and makes an app password there. */
  async signIn(browser = new ScriptedBrowser()): Promise<SmtpLogin> {
    const signInPage = await browser.get(`${this.url}/auth`);
    await browser.post(signInPage.url, { address: NORA });
    const page = await browser.post(`${this.url}/account/passwords`, { name: "test" });
    return {
      username: textOf(page.text, "smtp-username"),
      password: textOf(page.text, "app-password"),
    };
  }

  /** A mail client that has said EHLO, under TLS on every port but the plain one. */
  async connect(port: keyof ProductPorts = "smtp"): Promise<SmtpClient> {
    const client = await SmtpClient.connect({
      port: this.ports[port],
      implicitTls: port === "tls",
      ca: this.ca,
    });
    await (port === "startTls" || port === "autoTls" ? client.startTls() : client.hello());
    return client;
  }

  /** A mail client that has logged in. */
  async logIn(login: SmtpLogin, port?: keyof ProductPorts): Promise<SmtpClient> {
    const client = await this.connect(port);
    assert.match(await client.authenticate(login), /^235 /);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    await this.simulation[Symbol.asyncDispose]();
    this.ports[Symbol.dispose]();
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** Runs a command of the program in this process. */
export async function runCommand(
  args: readonly string[],
  environment: Settings = {},
  { ca, onLine = () => {} }: CommandOptions = {},
): Promise<Ended> {
  // Tests that run the program as a process do without it.
  const { main } = await import("../main.ts");
  const output: string[] = [];
  const errors: string[] = [];
  const code = await main(args, {
    output: new Output({
      write: (line) => {
        output.push(`${line}\n`);
        onLine(line);
      },
      writeError: (line) => errors.push(`${line}\n`),
      colours: false,
    }),
    environment,
    ask: () => undefined,
    confirm: () => false,
    dialer: new TcpDialer(systemClock, ca === undefined ? [] : [ca]),
  });
  return { code, output: output.join(""), errors: errors.join("") };
}

/** Enters the code of `account add`, as a person does. */
export async function enterCode(uri: string, code: string): Promise<void> {
  const browser = new ScriptedBrowser();
  const entry = await browser.get(uri);
  const [, xsrf = ""] = /name="xsrf" value="([^"]+)"/.exec(entry.text) ?? [];
  const signInPage = await browser.post(entry.url, { xsrf, user_code: code, confirm: "yes" });
  await browser.post(signInPage.url, { address: NORA });
}

/** The text of the element with an id. */
function textOf(page: string, id: string): string {
  const [, text] = new RegExp(`id="${id}"[^>]*>([^<]+)<`).exec(page) ?? [];
  return text ?? fail(`The page has no text with id="${id}":\n${page}`);
}
