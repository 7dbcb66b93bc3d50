/**
 * The commands of a client that has logged in, from MAIL to the reply to its message (RFC 5321 section 3.3, RFC 3030).
 *
 * @module
 */
import type { ClientInfo } from "../backend.ts";
import {
  COMMAND_LINE_LIMIT_OCTETS,
  latin1,
  type Mail,
  parseCommand,
  type Recipient,
  type Reply,
  sanitise,
  SmtpError,
} from "../protocol/mod.ts";
import type { RefusedRecipient } from "../events.ts";
import type { AbuseLimits } from "./limits.ts";
import * as replies from "./replies.ts";
import type { State } from "./sequence.ts";
import type { Timeouts } from "./timeouts.ts";
import { reportRefusedMail, Transaction, type TransactionContext } from "./transaction.ts";

/** The parts of a session that its transactions use. */
export interface MailContext extends TransactionContext {
  readonly queue: replies.ReplyQueue;
  readonly abuse: AbuseLimits;
  readonly timeouts: Timeouts;
}

/** The maximum number of recipients in one pipelined group; more form the next group. */
const RECIPIENT_GROUP_LIMIT = 100;

/** Characters that are recorded of an address that could not be parsed. */
const SHOWN_CHARACTERS = 100;

/** The transactions of one session, one after the other. */
export class MailCommands {
  readonly #context: MailContext;
  #state: Extract<State, "ready" | "mail" | "recipients" | "chunks"> = "ready";
  #transaction: Transaction | undefined;
  #dataFollows = false;
  #messageCount = 0;

  constructor(context: MailContext) {
    this.#context = context;
  }

  /** The state of the session. */
  get state(): State {
    return this.#state;
  }

  /** Whether a transaction is open. */
  get open(): boolean {
    return this.#transaction !== undefined;
  }

  /** Whether DATA was answered with 354, so that the message comes next. */
  get dataFollows(): boolean {
    return this.#dataFollows;
  }

  /** Whether a message is being received. */
  get receiving(): boolean {
    return this.#dataFollows || this.#state === "chunks";
  }

  /** Messages that the upstream has accepted. */
  get messageCount(): number {
    return this.#messageCount;
  }

  /** Answers MAIL. @throws {SmtpError} if it is refused. */
  mail(mail: Mail, client: ClientInfo): Reply {
    this.#transaction = new Transaction(this.#context, client, mail);
    this.#state = "mail";
    return replies.SENDER_OK;
  }

  /** Answers RCPT, together with the RCPT commands that arrived after it. */
  async recipients(first: Recipient): Promise<readonly Reply[]> {
    const { reader } = this.#context;
    const group: (Recipient | RefusedRecipient)[] = [first];
    while (
      group.length < RECIPIENT_GROUP_LIMIT && reader.startsWithVerb("RCPT") && reader.hasLine
    ) {
      group.push(this.#nextRecipient());
    }
    const answers = await this.#transaction!.recipients(group);
    if (this.#transaction!.hasRecipients) this.#state = "recipients";
    return answers;
  }

  #nextRecipient(): Recipient | RefusedRecipient {
    const line = this.#context.reader.takeLine(COMMAND_LINE_LIMIT_OCTETS)!;
    try {
      const command = parseCommand(line);
      return (command as Extract<typeof command, { verb: "RCPT" }>).recipient;
    } catch (error) {
      if (!(error instanceof SmtpError) || error.closes) throw error;
      return { forwardPath: pathIn(line, RCPT) ?? "", reply: error.reply };
    }
  }

  /** Records a MAIL or RCPT that could not be parsed, so that its owner can find out why no mail is sent. */
  refused(line: Uint8Array, reply: Reply, client: ClientInfo): void {
    const reversePath = pathIn(line, MAIL);
    if (this.#state === "ready" && reversePath !== undefined) {
      return reportRefusedMail(this.#context, client, reversePath, reply);
    }
    const forwardPath = pathIn(line, RCPT);
    if (forwardPath !== undefined) this.#transaction?.refused({ forwardPath, reply });
  }

  /** Answers DATA; {@linkcode receiveData} follows. */
  data(): Reply {
    this.#dataFollows = true;
    return replies.START_MAIL_INPUT;
  }

  /** Receives the message after DATA, and returns the reply to it. */
  async receiveData(): Promise<Reply> {
    this.#context.timeouts.messageBegins();
    const reply = await this.#context.queue.flushDuring(this.#transaction!.receiveData());
    this.#dataFollows = false;
    this.#finishMessage(reply);
    return reply;
  }

  /** Answers BDAT after receiving its octets. */
  async chunk(size: number, last: boolean): Promise<Reply> {
    const { timeouts, queue } = this.#context;
    if (this.#state !== "chunks") timeouts.messageBegins();
    this.#state = "chunks";
    const reply = await queue.flushDuring(this.#transaction!.receiveChunk(size, last));
    if (last) this.#finishMessage(reply);
    return reply;
  }

  #finishMessage(reply: Reply): void {
    this.#transaction = undefined;
    this.#state = "ready";
    if (!reply.positive) return;
    this.#messageCount++;
    this.#context.abuse.messageAccepted();
  }

  /** Aborts the transaction that is open: RSET, EHLO or the end of the session. */
  reset(): void {
    this.#transaction?.abort();
    this.#transaction = undefined;
    this.#state = "ready";
  }
}

const MAIL = /^MAIL FROM:(.*)$/is;
const RCPT = /^RCPT TO:(.*)$/is;

/** Returns the beginning of a command's argument, without angle brackets; undefined if it is another command. */
function pathIn(line: Uint8Array, command: RegExp): string | undefined {
  const argument = command.exec(latin1(line))?.[1];
  return argument && sanitise(argument).replace(/^<|>.*$/g, "").slice(0, SHOWN_CHARACTERS);
}
