/**
 * `send`: a message by a registered account, over the way that the server's own messages take.
 *
 * @module
 */
import type { Account, Login } from "../../smtp/mod.ts";
import { MINUTE_MS, systemClock } from "../base/mod.ts";
import { explainReason } from "../explain/mod.ts";
import type { Services } from "../program/mod.ts";
import type { AccountRecord } from "../store/mod.ts";
import { findAccount } from "./account/find.ts";
import { type Call, type Command, CommandError } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import type { Output } from "./output.ts";
import { bodyOf, formatLetter, type Letter } from "./send/letter.ts";
import type { OpenRoute } from "./send/route.ts";
import { failure, Trouble } from "./send/trouble.ts";
import { withDatabase } from "./with_services.ts";

const DEFAULT_SUBJECT = "Test";
const DEFAULT_TEXT = "This is a test.";

/** @param openRoute What the server itself sends by. */
export function sendCommand(openRoute: OpenRoute): Command {
  return {
    name: "send",
    summary: "send a message by a registered account, and show each step",
    parameters: ["FROM", "TO", "[SUBJECT]", "[MESSAGE]"],
    details:
      "FROM is an account of the database; its own token is used, no app password is needed. TO is one address, or several\n" +
      "with commas between them.",
    run: (call) => withDatabase(call.config(), (services) => send(call, services, openRoute)),
  };
}

async function send(call: Call, services: Services, openRoute: OpenRoute): Promise<number> {
  const [from = "", to = "", subject = DEFAULT_SUBJECT, text = DEFAULT_TEXT] = call.parameters;
  const record = await findAccount(services.store, from);
  const letter = {
    from: record.email,
    to: to.split(",").map((path) => path.trim()),
    subject,
    text,
  };
  checkLetter(letter);
  checkState(record);
  const account: Account = {
    id: record.id,
    mailbox: record.email,
    target: services.accounts.target(record),
    appPasswordId: "",
  };
  const trouble = new Trouble(account.mailbox);
  const route = openRoute(services, account, trouble);
  try {
    await showToken(account, services, call.output, trouble);
    const login = await route.login().catch((error) => trouble.failLogin(error));
    const { host, port } = account.target;
    call.output.line(`Signed in at ${host}:${port} as ${account.mailbox}`);
    return await submit(login, letter, call.output, trouble);
  } finally {
    route.close();
  }
}

/** A recipient that is no address, or a line break in a header, would only be a riddle further on. */
function checkLetter({ to, subject }: Letter): void {
  const wrong = to.find((path) => !/^[^\s<>@\p{Cc}]+@[^\s<>@\p{Cc}]+$/u.test(path));
  if (wrong !== undefined) {
    throw new CommandError(`"${wrong}" is not an e-mail address.`, EXIT.usage);
  }
  if (/\p{Cc}/u.test(subject)) {
    throw new CommandError("The subject has to be one line.", EXIT.usage);
  }
}

function checkState({ email, state, stateReason }: AccountRecord): void {
  if (state !== "sign-in-required") return;
  const explanation = explainReason(stateReason);
  throw failure([`${email} has to sign in with Microsoft again.`], explanation, EXIT.noPermission);
}

async function showToken(
  account: Account,
  { tokens }: Services,
  output: Output,
  trouble: Trouble,
): Promise<void> {
  await tokens.accessToken(account).catch((error) => trouble.failLogin(error));
  const expiresAtMs = tokens.status(account.id)?.accessTokenExpiresAtMs ?? 0;
  const minutes = Math.round((expiresAtMs - systemClock.now()) / MINUTE_MS);
  output.line(`Access token of ${account.mailbox}: valid for ${minutes} minutes`);
}

async function submit(
  login: Login,
  letter: Letter,
  output: Output,
  trouble: Trouble,
): Promise<number> {
  const { from, to } = letter;
  // deno-lint-ignore no-control-regex -- everything outside ASCII needs SMTPUTF8 (RFC 6531)
  const smtpUtf8 = !/^[\x00-\x7f]*$/.test([from, ...to].join());
  const submission = login.open({ reversePath: from, smtpUtf8 });
  const replies = await submission.recipients(to.map((forwardPath) => ({ forwardPath })));
  replies.forEach((reply, index) => output.line(`From ${from} to ${to[index]}: ${reply}`));
  const bad = replies.find((reply) => !reply.positive);
  if (bad) {
    submission.abort();
    trouble.fail("A recipient was refused, so nothing was sent", bad);
  }
  const message = formatLetter(letter, new Date(systemClock.now()));
  const reply = await submission.data(bodyOf(message)).catch((error) => trouble.failData(error));
  if (!reply.positive) trouble.fail("The message was refused", reply);
  output.show({ sent: true, reply: String(reply) }, () => {
    output.line(`${output.paint("good", "Sent:")} ${reply}`);
  });
  return EXIT.ok;
}
