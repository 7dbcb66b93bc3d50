/**
 * A submission server with its clients, for tests.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Timer } from "../../../lib/base/mod.ts";
import { ManualClock } from "../../../lib/testing/manual_clock.ts";
import { SmtpClient } from "../../smtp_client.ts";
import { CertificateAuthority } from "../certificates.ts";
import { Directory } from "../directory.ts";
import { person } from "../people.ts";
import {
  SubmissionServer,
  type SubmissionServerOptions,
  type TokenHolder,
} from "../submission_server.ts";
import { Troubles } from "../troubles/troubles.ts";

export const NORA = "nora@outlook.example";
export const MESSAGE =
  "Subject: =?utf-8?q?caf=C3=A9?=\r\n\r\n.leading dot\r\n..two\r\n\xe9\r\n\r\n";

/** An organisation's application that may send by itself. */
export const APPLICATION: TokenHolder & { readonly kind: "application" } = {
  kind: "application",
  applicationId: "22222222-3333-4444-8555-666666666666",
  tenantId: person("office@contoso.example").tenantId,
  maySend: true,
};

/** A manual clock that tells of delays. */
class WatchedClock extends ManualClock {
  #begun: (delayMs: number) => void = () => {};

  /** Resolves with the length of the next delay, in milliseconds, when it begins. */
  nextDelay(): Promise<number> {
    return new Promise((resolve) => this.#begun = resolve);
  }

  override setTimer(delayMs: number, callback: () => void): Timer {
    this.#begun(delayMs);
    return super.setTimer(delayMs, callback);
  }
}

/** A message to send. */
interface TestMail {
  readonly user?: string;
  /** Default: that of the user. */
  readonly token?: string;
  /** Default: the user. */
  readonly sender?: string;
  readonly content?: string;
}

/** A server to which each token is good for whom it is named after, and for the application `app`. */
export class SubmissionFixture implements AsyncDisposable {
  /** The holder of the token `app`. */
  application: TokenHolder = APPLICATION;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    readonly server: SubmissionServer,
    readonly directory: Directory,
    readonly troubles: Troubles,
    readonly clock: WatchedClock,
    readonly ca: string,
    stack: AsyncDisposableStack,
  ) {
    this.#stack = stack;
  }

  static async open(options: Partial<SubmissionServerOptions> = {}): Promise<SubmissionFixture> {
    await using stack = new AsyncDisposableStack();
    const clock = new WatchedClock(Date.now());
    const directory = new Directory({ clock });
    const troubles = new Troubles(directory);
    const authority = await CertificateAuthority.create("Test CA");
    let fixture: SubmissionFixture | undefined = undefined as SubmissionFixture | undefined;
    const server = stack.use(
      await SubmissionServer.start({
        certificate: await authority.issue({ names: ["localhost"] }),
        holderOf: (token) => {
          if (token === "app") return fixture!.application;
          const found = directory.findPerson(token);
          return found && { kind: "person", person: found };
        },
        ...{ directory, troubles, clock },
        ...options,
      }),
    );
    const { certificate } = authority;
    return fixture = new SubmissionFixture(
      server,
      directory,
      troubles,
      clock,
      certificate,
      stack.move(),
    );
  }

  /** A client that speaks TLS. */
  async connect(): Promise<SmtpClient> {
    const client = await SmtpClient.connect({ port: this.server.port, ca: this.ca });
    await client.startTls();
    return client;
  }

  /** The reply to AUTH XOAUTH2. @param token Default: that of the user. */
  async authenticate(user: string, token = user): Promise<string> {
    using client = await this.connect();
    return await client.authenticate({ username: user, password: token, mechanism: "XOAUTH2" });
  }

  /** A client that has signed in. */
  async logIn(user: string = NORA, token = user): Promise<SmtpClient> {
    const client = await this.connect();
    const login = { username: user, password: token, mechanism: "XOAUTH2" } as const;
    assert.match(await client.authenticate(login), /^235 /);
    return client;
  }

  /** Signs in and sends. @returns the final reply. */
  async send(mail: TestMail = {}): Promise<string> {
    const { user = NORA, token, sender = user, content = MESSAGE } = mail;
    using client = await this.logIn(user, token);
    await client.envelope(sender, ["a@example.com"]);
    return await client.data(new TextEncoder().encode(content));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
