/**
 * Demo mode: the simulation for who tries the product or works on it.
 *
 * @module
 */
import { join } from "node:path";
import { type Environment, SETTINGS } from "../../lib/config/mod.ts";
import { swaksCommand } from "../../lib/guides/mod.ts";
import { OFFICE_APPLICATION, type Person } from "./identity_provider.ts";
import { tenantIdOf } from "./people.ts";
import { PortFinder } from "./ports.ts";
import { productEnvironment } from "./product_environment.ts";
import { Simulation } from "./simulation.ts";

/** The folder of demos. */
export const DEMO_DIRECTORY = "data/demo";
/** Name of the file with the product's settings, in the demo's folder. */
export const DEMO_ENV_FILE = "demo.env";
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

/** Whoever tries the product sees the pages of its operator, too. */
const ADMINISTRATOR = "nora@outlook.example";

/** Contoso's own registration, which sends for mailboxes that nobody signs in to. */
const OFFICE_REGISTRATION = `${OFFICE_APPLICATION.id}@${
  tenantIdOf("office@contoso.example")
}:${OFFICE_APPLICATION.secret}`;

/** Settings of a reader's own that make sense without Microsoft: all of these groups but for some. */
const HONOURED_GROUPS = ["Who may register", "Limits", "Operation"];
const NEVER_HONOURED = ["SQLITE_PATH", "ALERT_WEBHOOK_URL"];
const HONOURED_BESIDES = ["HTTP_PORT", "SMTP_PROTOCOL_INSPECTION_DELAY_MS", "SESSION_COOKIE"];

/** Returns the settings of the reader's own that the demo uses. */
export function honouredSettings(own: Environment): Record<string, string> {
  const names = SETTINGS.filter(({ name, group }) =>
    HONOURED_BESIDES.includes(name) ||
    HONOURED_GROUPS.includes(group) && !NEVER_HONOURED.includes(name)
  ).map(({ name }) => name);
  return Object.fromEntries(names.flatMap((name) => own[name] ? [[name, own[name]]] : []));
}

/** How a demo is started. */
interface DemoOptions {
  /** Where the demo's folder goes: it is named by the web port, so that two demos do not meet. */
  readonly parent: string;
  /** Settings of the reader's own, see {@linkcode honouredSettings}. */
  readonly own: Environment;
  /** Called after a person has signed in. */
  readonly onSignIn: (person: Person) => void;
}

/** A running simulation, with the settings of the product. */
export class Demo implements AsyncDisposable {
  private constructor(
    readonly simulation: Simulation,
    readonly ports: Ports,
    /** Every setting the product needs, as an env file. */
    readonly envFile: string,
    /** PEM of the authority that issued the simulation's certificates, for `DENO_CERT`. */
    readonly caFile: string,
    /** Names of the settings of the reader's own that it uses. */
    readonly honoured: readonly string[],
  ) {}

  /** Starts the simulation and writes its certificates; a database of an earlier demo is removed. */
  static async start({ parent, own, onSignIn }: DemoOptions): Promise<Demo> {
    const honoured = honouredSettings(own);
    const ports = findPorts(Number(honoured.HTTP_PORT) || WANTED_PORTS.http);
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
    const envFile = join(directory, DEMO_ENV_FILE);
    const APP_SECRETS = `${settings.APP_SECRETS},${OFFICE_REGISTRATION}`;
    const shown = presentation(honoured, simulation, caFile);
    const all = { ...honoured, ...settings, APP_SECRETS, ...shown };
    await Deno.writeTextFile(envFile, formatEnvFile(all), { mode: 0o600 });
    return new Demo(simulation, ports, envFile, caFile, Object.keys(honoured));
  }

  /** Address of the product's pages. */
  get url(): string {
    return `http://localhost:${this.ports.http}`;
  }

  /** Returns the banner for the terminal. */
  describe(): string {
    const { smtp, tls, startTls, autoTls } = this.ports;
    const { honoured } = this;
    return `
==========================================================================
  DEMO. Nothing here is Microsoft, and no mail leaves this machine.
  (There is no APP_SECRETS, neither in the environment nor in an env file.)
==========================================================================
  Sent mail   ${this.simulation.webPages.url}
  Troubles    ${this.simulation.webPages.panelUrl}
  SMTP        localhost, port ${smtp} plain, ${tls} TLS, ${startTls} STARTTLS, ${autoTls} TLS or STARTTLS
  Authority   ${this.caFile} (of the certificate)
  Commands    deno task demo:cli account list${
      honoured.length > 0 ? `\n  Your own    ${honoured.join(", ")}` : ""
    }

  Sign in as Nora: she is the operator as well, and sees the admin pages.
  An office without sign-ins: Admin, Organisation. The mailbox scanner@contoso.example
  can send; for sales@contoso.example a right is missing, and the check says which.
  Ctrl-C stops everything.

  Open ${this.url}
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

/** Settings that tell a visitor what this is. */
function presentation(
  { ADMIN_EMAILS = "" }: Readonly<Record<string, string>>,
  { webPages }: Simulation,
  caFile: string,
): Record<string, string> {
  return {
    ADMIN_EMAILS: [ADMINISTRATOR, ADMIN_EMAILS].filter(Boolean).join(","),
    SITE_NOTICE: `Demo: no mail leaves this machine. What was sent is shown at ${webPages.url}`,
    SMTP_PUBLIC_CA_FILE: caFile,
  };
}

function findPorts(http: number): Ports {
  const finder = new PortFinder();
  const found = Object.entries({ ...WANTED_PORTS, http }).map((
    [name, wanted],
  ) => [name, finder.next(wanted)]);
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
