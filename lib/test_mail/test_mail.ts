import type { Accounts } from "../accounts/mod.ts";
import { type Clock, errorText, SECOND_MS } from "../base/mod.ts";
import { explainCause } from "../explain/mod.ts";
import { accountKind } from "../microsoft/mod.ts";
import type { RefusalWatch } from "../observers/mod.ts";
import type { AccountRecord } from "../store/mod.ts";
import { type Connect, ConnectionError } from "./connection.ts";
import { converse, type TestMailStep } from "./dialogue.ts";
import type { OwnServer } from "./own_server.ts";

/** Options of {@linkcode TestMail}. */
export interface TestMailOptions {
  readonly accounts: Pick<Accounts, "createAppPassword" | "revokeAppPassword">;
  readonly server: OwnServer;
  readonly connect: Connect;
  readonly clock: Clock;
  /** Tells why our own server has refused something. */
  readonly refusals: Pick<RefusalWatch, "watch">;
}

const APP_PASSWORD_NAME = "Test mail";
/** Longer than Microsoft takes, shorter than a reader waits. */
const TIMEOUT_MS = 60 * SECOND_MS;

/** Sends test mails, one at a time for each account. */
export class TestMail {
  readonly #options: TestMailOptions;
  readonly #underWay = new Set<string>();

  constructor(options: TestMailOptions) {
    this.#options = options;
  }

  /**
   * Sends a mail from an account to itself and tells each step, without secrets. The app password that it takes is made
   * for it and revoked at the end, even when nobody wants to hear more. Whatever goes wrong is the last step.
   */
  async *send(account: AccountRecord): AsyncGenerator<TestMailStep, void, void> {
    if (this.#underWay.has(account.id)) {
      yield { kind: "failure", text: "A test mail is under way already. Wait until it is done." };
      return;
    }
    this.#underWay.add(account.id);
    try {
      yield* this.#sendWithOwnPassword(account);
    } finally {
      this.#underWay.delete(account.id);
    }
  }

  async *#sendWithOwnPassword(account: AccountRecord): AsyncGenerator<TestMailStep, void, void> {
    const { accounts } = this.#options;
    const { appPassword, password } = await accounts.createAppPassword(account.id, {
      name: APP_PASSWORD_NAME,
    });
    try {
      yield { kind: "note", text: "An app password was made for this test alone." };
      yield* this.#sendOver(account, password);
    } finally {
      await accounts.revokeAppPassword(account.id, appPassword.id);
    }
  }

  async *#sendOver(
    account: AccountRecord,
    password: string,
  ): AsyncGenerator<TestMailStep, void, void> {
    const { server, connect, clock, refusals } = this.#options;
    yield { kind: "note", text: `Connecting to port ${server.port} of this server.` };
    const helo = `test-mail-${crypto.randomUUID()}.localhost`;
    using watched = refusals.watch(helo);
    const explain = () => explainCause(watched.cause, account.email, accountKind(account));
    const connection = connect(server);
    const timer = clock.setTimer(TIMEOUT_MS, () => connection.close());
    try {
      const { email: mailbox } = account;
      yield* converse(connection, {
        ...{ server, mailbox, password, helo, explain },
        recipients: [mailbox],
        message: messageOf(mailbox, clock.now()),
      });
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      yield { kind: "failure", text: `The connection failed: ${errorText(error)}.` };
    } finally {
      timer.cancel();
      connection.close();
    }
  }
}

/** RFC 5322; no line begins with a dot. */
function messageOf(mailbox: string, nowMs: number): readonly string[] {
  return [
    `Date: ${new Date(nowMs).toUTCString().replace("GMT", "+0000")}`,
    `From: <${mailbox}>`,
    `To: <${mailbox}>`,
    `Message-ID: <${crypto.randomUUID()}@${mailbox.slice(mailbox.lastIndexOf("@") + 1)}>`,
    "Subject: Test mail from SMTP OAuth2 Proxy",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=us-ascii",
    "",
    "This message was sent through your SMTP server, the way your devices do it.",
    "It works.",
  ];
}
