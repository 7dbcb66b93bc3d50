/**
 * The whole simulated Microsoft: identity service, submission server, and web pages with the mail that was sent and with
 * switches for what goes wrong.
 *
 * @module
 */
import { CertificateAuthority } from "./certificates.ts";
import { Directory } from "./directory.ts";
import {
  type Application,
  DEMO_APPLICATION,
  IdentityProvider,
  OFFICE_APPLICATION,
  type Person,
} from "./identity_provider.ts";
import { type Clock, LOOPBACK_NAMES, systemClock } from "../../lib/base/mod.ts";
import { WebPages } from "./pages/web_pages.tsx";
import { SubmissionServer, type SubmissionServerOptions } from "./submission_server.ts";
import { Troubles } from "./troubles/troubles.ts";

/** Settings of a {@linkcode Simulation}; a port of 0, the default, is a free one. */
export interface SimulationOptions {
  readonly identityProviderPort?: number;
  readonly submissionPort?: number;
  readonly webPagesPort?: number;
  /** Service extensions that the submission server does not announce. */
  readonly hide?: SubmissionServerOptions["hide"];
  /** Called after a person has signed in. */
  readonly onSignIn?: (person: Person) => void;
  /** App registrations; default: those of {@linkcode IdentityProvider}. */
  readonly applications?: readonly Application[];
  /** Default: the simulated people, mailboxes and rights. */
  readonly directory?: Directory;
  readonly clock?: Clock;
}

/** All parts of the simulation, started. */
export class Simulation implements AsyncDisposable {
  /** The people, mailboxes and rights. */
  readonly directory: Directory;
  /** Switches for everything that can go wrong. */
  readonly troubles: Troubles;
  readonly certificateAuthority: CertificateAuthority;
  readonly identityProvider: IdentityProvider;
  readonly submissionServer: SubmissionServer;
  readonly webPages: WebPages;
  readonly #servers: AsyncDisposableStack;

  private constructor(parts: Parts, servers: AsyncDisposableStack) {
    this.directory = parts.directory;
    this.troubles = parts.troubles;
    this.certificateAuthority = parts.certificateAuthority;
    this.identityProvider = parts.identityProvider;
    this.submissionServer = parts.submissionServer;
    this.webPages = parts.webPages;
    this.#servers = servers;
  }

  /** Starts it. @throws when a port is taken. */
  static async start(options: SimulationOptions = {}): Promise<Simulation> {
    await using servers = new AsyncDisposableStack();
    const { clock = systemClock, directory = directoryWithOffice(clock) } = options;
    const troubles = new Troubles(directory);
    const certificateAuthority = await CertificateAuthority.create("Simulation on this machine");
    const identityProvider = servers.use(
      await IdentityProvider.start({
        port: options.identityProviderPort,
        onSignIn: options.onSignIn,
        applications: options.applications,
        ...{ directory, troubles, clock },
      }),
    );
    const submissionServer = servers.use(
      await SubmissionServer.start({
        port: options.submissionPort,
        hide: options.hide,
        certificate: await certificateAuthority.issue({ names: LOOPBACK_NAMES }),
        holderOf: (token) => identityProvider.holderOf(token),
        ...{ directory, troubles, clock },
      }),
    );
    const webPages = servers.use(
      WebPages.start({ directory, troubles, submissionServer }, options.webPagesPort),
    );
    return new Simulation(
      { directory, troubles, certificateAuthority, identityProvider, submissionServer, webPages },
      servers.move(),
    );
  }

  /**
   * The settings that point a proxy at this simulation.
   *
   * @param caFile Where the authority's certificate was saved.
   */
  environment(caFile: string): Record<string, string> {
    return {
      APP_SECRETS: `${DEMO_APPLICATION.id}:${DEMO_APPLICATION.secret}`,
      MICROSOFT_AUTHORITY: this.identityProvider.authority,
      MICROSOFT_TENANT: "common",
      SMTP_TARGET_HOST: "localhost",
      SMTP_TARGET_PORT: `${this.submissionServer.port}`,
      SMTP_TARGET_TLS: "false",
      WEBMAIL_URL: this.webPages.url,
      DENO_CERT: caFile,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers.disposeAsync();
  }
}

type Parts = Pick<
  Simulation,
  | "directory"
  | "troubles"
  | "certificateAuthority"
  | "identityProvider"
  | "submissionServer"
  | "webPages"
>;

/** The simulated directory, in which Contoso has set its own registration up for two mailboxes. */
function directoryWithOffice(clock: Clock): Directory {
  const directory = new Directory({ clock });
  const trustee = OFFICE_APPLICATION.id;
  directory.grant({ kind: "ServicePrincipal", trustee, tenant: "contoso.example" });
  for (const mailbox of ["scanner@contoso.example", "office@contoso.example"]) {
    directory.grant({ kind: "FullAccess", trustee, mailbox });
  }
  return directory;
}
