import { type Accounts, InputError, testMessageLines } from "../accounts/mod.ts";
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
  /** The recommended one first. */
  readonly servers: readonly OwnServer[];
  readonly connect: Connect;
  readonly clock: Clock;
  /** Tells why our own server has refused something. */
  readonly refusals: Pick<RefusalWatch, "watch">;
}

/** The options of a test mail. */
export interface TestMailChoice {
  /** Default: the recommended kind. */
  readonly encryption?: string;
  /** Default: the mailbox itself. */
  readonly recipient?: string;
}

const APP_PASSWORD_NAME = "Test mail";
/** Tells the deliveries of test mails, whose app passwords are gone when anybody looks. */
const APP_PASSWORD_ID_PREFIX = "test-mail-";

/** Whether a delivery was a test mail. */
export function isTestMail({ appPasswordId }: { readonly appPasswordId: string }): boolean {
  return appPasswordId.startsWith(APP_PASSWORD_ID_PREFIX);
}

/** Longer than Microsoft takes, shorter than a reader waits. */
const TIMEOUT_MS = 60 * SECOND_MS;

/** Sends test mails, one at a time for each account. */
export class TestMail {
  readonly #options: TestMailOptions;
  readonly #underWay = new Set<string>();

  constructor(options: TestMailOptions) {
    this.#options = options;
  }

  /** The ports of ours that a test mail can go to, the recommended one first. */
  get servers(): readonly OwnServer[] {
    return this.#options.servers;
  }

  /**
   * Sends a mail from an account and yields each step, without secrets. The app password that it needs is created for it and
   * revoked at the end, even if nobody reads the rest. A failure is the last step.
   *
   * @throws {InputError} for a recipient that is no address.
   */
  async *send(
    account: AccountRecord,
    choice: TestMailChoice = {},
  ): AsyncGenerator<TestMailStep, void, void> {
    const recipient = parseRecipient(choice.recipient) ?? account.email;
    const { servers } = this.#options;
    const server = servers.find(({ encryption }) => encryption === choice.encryption) ?? servers[0];
    if (!server) {
      yield { kind: "failure", text: "This server has no open port for mail clients." };
      return;
    }
    if (this.#underWay.has(account.id)) {
      yield { kind: "failure", text: "A test mail is already being sent. Wait until it is done." };
      return;
    }
    this.#underWay.add(account.id);
    try {
      yield* this.#sendWithOwnPassword(account, server, recipient);
    } finally {
      this.#underWay.delete(account.id);
    }
  }

  async *#sendWithOwnPassword(
    account: AccountRecord,
    server: OwnServer,
    recipient: string,
  ): AsyncGenerator<TestMailStep, void, void> {
    const { accounts } = this.#options;
    const { appPassword, password } = await accounts.createAppPassword(
      account.id,
      { name: APP_PASSWORD_NAME },
      APP_PASSWORD_ID_PREFIX + crypto.randomUUID(),
    );
    try {
      yield { kind: "note", text: "An app password was made for this test alone." };
      yield* this.#sendOver(server, account, password, recipient);
    } finally {
      await accounts.revokeAppPassword(account.id, appPassword.id);
    }
  }

  async *#sendOver(
    server: OwnServer,
    account: AccountRecord,
    password: string,
    recipient: string,
  ): AsyncGenerator<TestMailStep, void, void> {
    const { connect, clock, refusals } = this.#options;
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
        recipients: [recipient],
        message: testMessageLines({ from: mailbox, to: recipient, ...MESSAGE }, clock.now()),
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

const MESSAGE = {
  subject: "Test mail from SMTP OAuth2 Proxy",
  text: [
    "This message was sent through your SMTP server, the way your devices do it.",
    "It works.",
  ],
};

/** ASCII alone: an internationalised address would take SMTPUTF8 (RFC 6531). */
const ADDRESS = /^[!-;=?A-~]+@[!-;=?A-~]+$/;
const MAX_ADDRESS_LENGTH = 254;

/** @returns undefined for an empty one. @throws {InputError} */
function parseRecipient(entered = ""): string | undefined {
  const recipient = entered.trim();
  if (recipient === "") return undefined;
  if (recipient.length <= MAX_ADDRESS_LENGTH && ADDRESS.test(recipient)) return recipient;
  throw new InputError(
    "recipient",
    "Enter the recipient as one address, such as name@example.com.",
  );
}
