/**
 * Demo mode: the simulation for who tries the product or works on it.
 *
 * @module
 */
import { join } from "node:path";
import { swaksCommand } from "../../lib/guides/mod.ts";
import type { Person } from "./identity_provider.ts";
import { PortFinder } from "./ports.ts";
import { productEnvironment } from "./product_environment.ts";
import { Simulation } from "./simulation.ts";

const DATABASE_FILES = ["db.sqlite", "db.sqlite-wal", "db.sqlite-shm"];

/** Where demo mode listens, if the ports are free. */
const WANTED_PORTS = {
  http: 3000,
  smtp: 2525,
  tls: 4465,
  startTls: 5587,
  autoTls: 6587,
  identityProvider: 8400,
  submission: 8587,
  webPages: 8025,
};

type Ports = typeof WANTED_PORTS;

/** The simulation, started, and what the product has to be told. */
export class Demo implements AsyncDisposable {
  private constructor(
    readonly simulation: Simulation,
    readonly ports: Ports,
    /** Every setting the product needs, as an env file. */
    readonly envFile: string,
    /** PEM of the authority that issued the simulation's certificates, for `DENO_CERT`. */
    readonly caFile: string,
  ) {}

  /**
   * Starts the simulation and writes its certificates; a database of an earlier demo is removed.
   *
   * @param parent Where the demo's folder goes: it is named by the web port, so that two demos do not meet.
   * @param onSignIn Called after a person has signed in.
   */
  static async start(parent: string, onSignIn: (person: Person) => void): Promise<Demo> {
    const ports = findPorts();
    const directory = join(parent, `${ports.http}`);
    await Deno.mkdir(directory, { recursive: true });
    await Promise.all(DATABASE_FILES.map((name) => removeIfPresent(join(directory, name))));
    const simulation = await Simulation.start({
      identityProviderPort: ports.identityProvider,
      submissionPort: ports.submission,
      webPagesPort: ports.webPages,
      onSignIn,
    });
    const environment = await productEnvironment(simulation, directory, ports);
    const { DENO_CERT: caFile = "", ...settings } = environment;
    const envFile = join(directory, "demo.env");
    await Deno.writeTextFile(envFile, formatEnvFile(settings), { mode: 0o600 });
    return new Demo(simulation, ports, envFile, caFile);
  }

  /** Returns the banner for the terminal. */
  describe(): string {
    const { http, smtp, tls, startTls, autoTls } = this.ports;
    return `
==========================================================================
  SIMULATION. Nothing here is Microsoft, and no mail leaves this machine.
  (There is no APP_SECRETS, neither in the environment nor in .env.)
==========================================================================
  Web page    http://localhost:${http}/
  Sent mail   ${this.simulation.webPages.url}
  Troubles    ${this.simulation.webPages.panelUrl}
  SMTP        localhost, port ${smtp} plain, ${tls} TLS, ${startTls} STARTTLS, ${autoTls} TLS or STARTTLS

  Sign in on the web page: it shows the user name and a password for SMTP.
  Ctrl-C stops everything.
`;
  }

  /** A command that sends a mail as someone who has signed in; it asks for the password. */
  swaksCommand({ address }: Person): string {
    return swaksCommand({
      host: "localhost",
      endpoint: { port: this.ports.startTls, encryption: "STARTTLS" },
      username: address,
      sender: address,
      recipient: "someone@example.org",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.simulation[Symbol.asyncDispose]();
  }
}

function findPorts(): Ports {
  const finder = new PortFinder();
  const found = Object.entries(WANTED_PORTS).map(([name, wanted]) => [name, finder.next(wanted)]);
  return Object.fromEntries(found) as Ports;
}

function formatEnvFile(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`).join("");
}

async function removeIfPresent(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
