/**
 * `send`: sends a message from a registered account, the same way as the server's own messages.
 *
 * @module
 */
import { accountKind } from "../../microsoft/mod.ts";
import {
  type Account,
  type Dialer,
  isInternationalized,
  type Login,
  Relay,
} from "../../../smtp/mod.ts";
import { MINUTE_MS, systemClock } from "../../base/mod.ts";
import { explainReason, refusalText } from "../../explain/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { AccountRecord } from "../../store/mod.ts";
import { findAccount } from "../account/find.ts";
import { type Call, type Command, CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { Output } from "../output.ts";
import { withDatabase } from "../services.ts";
import { explainedError, SendFailures } from "./failures.ts";
import {
  bodyOf,
  formatMessage,
  type OutgoingMessage,
  parseMailbox,
  parseMailboxes,
} from "./message.ts";
import { sendThroughSmtp } from "./through_smtp.ts";

const DEFAULT_SUBJECT = "Test";
const DEFAULT_TEXT = "This is a test.";

/** `send`. */
export const sendCommand: Command = {
  name: "send",
  summary: "send a message from a registered account, and show each step",
  parameters: ["FROM", "TO", "[SUBJECT]", "[MESSAGE]"],
  options: {
    "through-smtp": {
      meaning: "send through an SMTP port of the running server, as a mail client does",
    },
  },
  details:
    "FROM is an account in the database; its own token is used, so no app password is needed. TO is one address, or several\n" +
    'separated by commas. Both may have names: "Nora Lindqvist <nora@outlook.com>".',
  access: { network: "any" },
  run: withDatabase(send),
};

async function send(call: Call, services: Services): Promise<number> {
  const [from = "", to = "", subject = DEFAULT_SUBJECT, text = DEFAULT_TEXT] = call.parameters;
  const { name, address } = parseMailbox(from);
  const record = await findAccount(services.store, address);
  const message: OutgoingMessage = {
    from: { name, address: record.email },
    to: parseMailboxes(to),
    subject,
    text,
  };
  checkMessage(message);
  checkState(record);
  if (call.flag("through-smtp")) {
    return await sendThroughSmtp(record, message, services, call.output);
  }
  const account: Account = services.accounts.smtpAccount(record);
  const { mailbox, target } = account;
  const failures = new SendFailures(account);
  const relay = openRelay(services, account, failures, call.dialer);
  try {
    await showToken(account, services, call.output, failures);
    const login = await logIn(relay, mailbox).catch((error) => failures.failLogin(error));
    call.output.line(`Signed in at ${target.host}:${target.port} as ${mailbox}`);
    return await submit(login, message, call.output, failures);
  } finally {
    relay.close();
  }
}

/** Rejects a recipient that is not an address, and line breaks in headers: later, the error would be hard to understand. */
function checkMessage({ from, to, subject }: OutgoingMessage): void {
  const wrong = to.find(({ address }) => !/^[^\s<>@\p{Cc}]+@[^\s<>@\p{Cc}]+$/u.test(address));
  if (wrong !== undefined) {
    throw new CommandError(`"${wrong.address}" is not an e-mail address.`, EXIT.usage);
  }
  if (/\p{Cc}/u.test([subject, ...[from, ...to].map(({ name }) => name)].join(""))) {
    throw new CommandError("The subject and the names have to be single lines.", EXIT.usage);
  }
}

function checkState({ email, state, stateReason, tenantId }: AccountRecord): void {
  if (state !== "sign-in-required") return;
  const explanation = explainReason(stateReason, accountKind({ tenantId }));
  const problem = `${email} has to sign in with Microsoft again.`;
  throw explainedError([problem], explanation, EXIT.noPermission);
}

/** Opens a relay for one account, which needs no login. */
function openRelay(
  { config: { smtp, upstream }, tokens }: Services,
  account: Account,
  { observe }: SendFailures,
  dialer: Dialer,
): Relay {
  return new Relay({
    authenticator: { authenticate: () => Promise.resolve(account) },
    tokens,
    dialer,
    greetingName: smtp.greetingName,
    poolLimits: upstream,
    explainRefusal: (reply, { kind }) => refusalText(reply, kind),
    observe,
    clock: systemClock,
  });
}

function logIn(relay: Relay, username: string): Promise<Login> {
  const client = { sessionId: "send", address: "", secure: true, helo: "" };
  return relay.login({ username, password: "" }, client);
}

async function showToken(
  account: Account,
  { tokens }: Services,
  output: Output,
  failures: SendFailures,
): Promise<void> {
  await tokens.accessToken(account).catch((error) => failures.failLogin(error));
  const status = account.application
    ? tokens.applicationStatus(account.application)
    : tokens.status(account.id);
  const expiresAtMs = status?.accessTokenExpiresAtMs ?? 0;
  const minutes = Math.round((expiresAtMs - systemClock.now()) / MINUTE_MS);
  output.line(`Access token of ${account.mailbox}: valid for ${minutes} minutes`);
}

async function submit(
  login: Login,
  message: OutgoingMessage,
  output: Output,
  failures: SendFailures,
): Promise<number> {
  const from = message.from.address;
  const to = message.to.map(({ address }) => address);
  const smtpUtf8 = [from, ...to].some(isInternationalized);
  const submission = login.open({ reversePath: from, smtpUtf8 });
  const replies = await submission.recipients(to.map((forwardPath) => ({ forwardPath })));
  replies.forEach((reply, index) => output.line(`From ${from} to ${to[index]}: ${reply}`));
  const bad = replies.find((reply) => !reply.positive);
  if (bad) {
    submission.abort();
    failures.fail("A recipient was rejected, so nothing was sent", bad);
  }
  const body = bodyOf(formatMessage(message, new Date(systemClock.now())));
  const reply = await submission.data(body).catch((error) => failures.failData(error));
  if (!reply.positive) failures.fail("The message was rejected", reply);
  output.show({ sent: true, reply: String(reply) }, () => {
    output.line(`${output.paint("good", "Sent:")} ${reply}`);
  });
  return EXIT.ok;
}
