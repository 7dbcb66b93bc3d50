/**
 * The whole simulated Microsoft: identity service, submission server and a page with the mail that was sent.
 *
 * @module
 */
import { CertificateAuthority } from "./certificates.ts";
import { DEMO_APPLICATION, IdentityProvider, type Person } from "./identity_provider.ts";
import { LOCAL_NAMES } from "./loopback.ts";
import { MailboxPage } from "./mailbox_page.tsx";
import { SubmissionServer, type SubmissionServerOptions } from "./submission_server.ts";

/** Settings of a {@linkcode Simulation}; a port of 0, the default, is a free one. */
export interface SimulationOptions {
  readonly identityProviderPort?: number;
  readonly submissionPort?: number;
  readonly mailboxPagePort?: number;
  /** Service extensions that the submission server does not announce. */
  readonly hide?: SubmissionServerOptions["hide"];
  /** Called after a person has signed in. */
  readonly onSignIn?: (person: Person) => void;
}

/** All parts of the simulation, started. */
export class Simulation implements AsyncDisposable {
  readonly certificateAuthority: CertificateAuthority;
  readonly identityProvider: IdentityProvider;
  readonly submissionServer: SubmissionServer;
  readonly mailboxPage: MailboxPage;
  readonly #servers: AsyncDisposableStack;

  private constructor(
    parts: Pick<
      Simulation,
      "certificateAuthority" | "identityProvider" | "submissionServer" | "mailboxPage"
    >,
    servers: AsyncDisposableStack,
  ) {
    this.certificateAuthority = parts.certificateAuthority;
    this.identityProvider = parts.identityProvider;
    this.submissionServer = parts.submissionServer;
    this.mailboxPage = parts.mailboxPage;
    this.#servers = servers;
  }

  /** Starts it. @throws when a port is taken. */
  static async start(options: SimulationOptions = {}): Promise<Simulation> {
    await using servers = new AsyncDisposableStack();
    const certificateAuthority = await CertificateAuthority.create("Simulation on this machine");
    const identityProvider = servers.use(
      await IdentityProvider.start({
        port: options.identityProviderPort,
        onSignIn: options.onSignIn,
      }),
    );
    const submissionServer = servers.use(
      await SubmissionServer.start({
        port: options.submissionPort,
        hide: options.hide,
        certificate: await certificateAuthority.issue({ names: LOCAL_NAMES }),
        verifyAccessToken: (token) => identityProvider.verifyAccessToken(token),
      }),
    );
    const mailboxPage = servers.use(
      MailboxPage.start(submissionServer.store, { port: options.mailboxPagePort }),
    );
    return new Simulation(
      { certificateAuthority, identityProvider, submissionServer, mailboxPage },
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
      DENO_CERT: caFile,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers.disposeAsync();
  }
}
