/**
 * The proof that an app registration may send for a mailbox: a real sign-in upstream, and what is missing if it fails.
 *
 * @module
 */
import {
  type Account,
  type Dialer,
  isInternationalized,
  LoginError,
  type Reply,
  type TokenSource,
  UpstreamConnection,
  UpstreamError,
} from "../../smtp/mod.ts";
import { type Clock, errorText } from "../base/mod.ts";
import { explainReply, type Explanation, type Wording } from "../explain/mod.ts";
import { MicrosoftError, readApplicationClaims, SEND_AS_APP } from "../microsoft/mod.ts";
import { consentLines, exchangeLines, type ExchangeStep, secretLines } from "../setup/mod.ts";
import { testMessageLines } from "./test_message.ts";

/** Dependencies of {@linkcode proveMailbox}. */
export interface MailboxProofOptions {
  readonly tokens: TokenSource;
  readonly dialer: Dialer;
  readonly clock: Clock;
  /** Our name in EHLO. */
  readonly greetingName: string;
}

/** The result of a proof. */
export interface MailboxProof {
  /** `open`: nothing is proven, as something did not answer. */
  readonly verdict: "good" | "bad" | "open";
  /** The upstream's last reply, if it came so far. */
  readonly reply?: Reply;
  /** Whether a message was accepted. A sign-in alone does not prove the right on the mailbox: that can show with a message. */
  readonly sent: boolean;
  /** The fault, who can help, and how. Absent: none. */
  readonly explanation?: Wording & Pick<Explanation, "code">;
  /** Lines for an administrator to paste, with all values filled in. */
  readonly commands?: ProofCommands;
}

/** Lines to paste. */
export interface ProofCommands {
  readonly shell: "Exchange Online PowerShell" | "Azure Cloud Shell";
  readonly lines: readonly string[];
}

/**
 * Signs in upstream as a mailbox, with the application's token.
 *
 * @param account The mailbox as the SMTP server sees it, see `Accounts.smtpAccount()`.
 * @param recipient Where a message is sent to as well. Absent: none is sent.
 */
export async function proveMailbox(
  account: Account,
  options: MailboxProofOptions,
  recipient?: string,
): Promise<MailboxProof> {
  try {
    let token = await options.tokens.accessToken(account);
    let reply = await tryToSend(account, token, options, recipient);
    if (reply.code === 535) {
      // Permissions are fixed when a token is issued: a new one may have those that were missing.
      const newer = await options.tokens.accessToken(account, token);
      if (newer !== token) reply = await tryToSend(account, newer, options, recipient);
      token = newer;
    }
    return judge(account, reply, token, recipient !== undefined);
  } catch (error) {
    return withoutReply(error, account);
  }
}

/** Returns the reply that decided: to AUTH, or that to the message or its envelope. @throws {UpstreamError} */
async function tryToSend(
  { target, mailbox, signInName }: Account,
  token: string,
  { dialer, clock, greetingName }: MailboxProofOptions,
  recipient: string | undefined,
): Promise<Reply> {
  const connection = await UpstreamConnection.open({ target, greetingName, dialer, clock });
  try {
    const reply = await connection.authenticate(signInName, token);
    if (!reply.positive || recipient === undefined) return reply;
    const mail = { reversePath: mailbox, smtpUtf8: isInternationalized(mailbox + recipient) };
    const replies = await connection.envelope(mail, [{ forwardPath: recipient }]);
    const refused = replies.find(({ positive }) => !positive);
    if (refused) return refused;
    const message = testMessageLines({ from: mailbox, to: recipient, ...MESSAGE }, clock.now());
    const octets = new TextEncoder().encode(`${message.join("\r\n")}\r\n`);
    return (await connection.data({ next: () => ({ octets, last: true }) })).reply;
  } finally {
    await connection.quit();
  }
}

const MESSAGE = {
  subject: "This mailbox can send",
  text: [
    "The SMTP proxy has sent this message to check that it may send for this mailbox. It may.",
  ],
};

function judge(account: Account, reply: Reply, token: string, send: boolean): MailboxProof {
  if (reply.positive) return { verdict: "good", reply, sent: send };
  const claims = readApplicationClaims(token);
  const { clientId } = account.application!;
  if (reply.code === 535 && claims?.maySend === false) {
    const commands = { shell: "Azure Cloud Shell", lines: consentLines(clientId) } as const;
    return { verdict: "bad", reply, sent: false, explanation: CONSENT_MISSING, commands };
  }
  const explanation = explainReply(reply, account.mailbox, "mailbox");
  const steps = stepsAfter(reply);
  const verdict = reply.code < 500 && steps.length === 0 ? "open" : "bad";
  if (steps.length === 0) return { verdict, reply, sent: false, explanation };
  const application = { clientId, servicePrincipalId: claims?.servicePrincipalId };
  const lines = exchangeLines(application, [account.mailbox], steps);
  const commands = { shell: "Exchange Online PowerShell", lines } as const;
  return { verdict, reply, sent: false, explanation, commands };
}

function stepsAfter({ code, enhanced }: Reply): readonly ExchangeStep[] {
  if (code === 430) return ["mailbox-permission"];
  if (code !== 535) return [];
  return enhanced === "5.7.139" ? ["smtp-auth"] : ["service-principal", "mailbox-permission"];
}

const CONSENT_MISSING: MailboxProof["explanation"] = {
  title: `The permission ${SEND_AS_APP} is missing`,
  code: "consent_missing",
  cause:
    `The application's token does not have it: the app registration lacks the application permission ${SEND_AS_APP} of Office 365 Exchange Online, or no administrator has consented to it.`,
  fixer: "tenant-admin",
  remedy:
    "An administrator adds the application permission to the app registration and grants admin consent, then tries again after a minute.",
};

/** Microsoft's codes for a client secret that has ended, and for one that is wrong. */
const SECRET_CODES: readonly string[] = ["AADSTS7000222", "AADSTS7000215"];

function withoutReply(error: unknown, { application }: Account): MailboxProof {
  if (error instanceof LoginError) {
    const { cause } = error;
    if (!(cause instanceof MicrosoftError)) return openBecause("no_token", error.reply.text);
    const verdict = cause.failure === "temporary" ? "open" : "bad";
    const { explanation } = cause;
    if (!application || !SECRET_CODES.includes(explanation.code)) {
      return { verdict, sent: false, explanation };
    }
    const lines = secretLines(application.clientId);
    return { verdict, sent: false, explanation, commands: { shell: "Azure Cloud Shell", lines } };
  }
  if (error instanceof UpstreamError) return openBecause(error.fault, `${errorText(error)}.`);
  throw error;
}

function openBecause(code: string, cause: string): MailboxProof {
  const explanation = {
    title: "The proxy could not complete the test",
    code,
    cause,
    fixer: "operator",
    remedy: "Check the network, DNS, the firewall and the log, then try again.",
  } as const;
  return { verdict: "open", sent: false, explanation };
}
