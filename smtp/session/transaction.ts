/**
 * One mail transaction as the client sees it: envelope, data, outcome.
 *
 * @module
 */
import type { Account, Allowance, ClientInfo, Login, Submission } from "../backend.ts";
import {
  ChunkedBody,
  ClientGoneError,
  DataBody,
  discardOctets,
  DRAIN_LIMIT_OCTETS,
  endless,
  fillMessage,
  TOO_LARGE,
} from "./body.ts";
import {
  asSmtpError,
  isInternationalized,
  type Mail,
  matchesPattern,
  type Recipient,
  Reply,
  RuleRefusal,
  SmtpError,
  UpstreamError,
} from "../protocol/mod.ts";
import type { Clock } from "../clock.ts";
import type { DeliveryOutcome, DeliveryStage, Observer, RefusedRecipient } from "../events.ts";
import type { MissingHeaders, SessionLimits } from "./limits.ts";
import type { WireReader } from "../net/mod.ts";
import { headerRules, RuledBody } from "./ruled_body.ts";

const NEEDS_SMTPUTF8 = new Reply(553, "5.6.7", "An address that is not ASCII needs SMTPUTF8");
const TOO_MANY_RECIPIENTS = new Reply(452, "4.5.3", "Too many recipients");
const SENDER_NOT_ALLOWED = new Reply(
  550,
  "5.7.1",
  "This app password may not send from that address",
);
const RECIPIENT_NOT_ALLOWED = new Reply(
  550,
  "5.7.1",
  "This app password may not send to that address",
).because(new RuleRefusal("recipient-rule"));
const DAILY_LIMIT_REACHED = new Reply(
  452,
  "4.5.3",
  "This app password has sent as many messages in 24 hours as it may, try again later",
).because(new RuleRefusal("daily-limit"));
const CHUNK_ACCEPTED = new Reply(250, "2.0.0", "Chunk received");
const CHUNKS_REFUSED = new Reply(503, "5.5.1", "The message has already been refused: send RSET");

/** Options of all transactions. */
export interface TransactionOptions {
  readonly limits: SessionLimits;
  readonly allowance: Allowance;
  readonly missingHeaders: MissingHeaders;
  readonly observe: Observer;
  /** Measures durations: the program gives one that nobody sets. */
  readonly clock: Clock;
  /** The machine's time, for a Date header, in milliseconds since the epoch. Default: that of the clock. */
  readonly date?: () => number;
}

/** The session of a transaction. */
export interface TransactionContext extends TransactionOptions {
  readonly login: Login;
  readonly reader: WireReader;
}

/** A transaction from MAIL to the final reply, RSET or a disconnect. */
export class Transaction {
  readonly #context: TransactionContext;
  readonly #client: ClientInfo;
  /** As it goes upstream. */
  readonly #mail: Mail;
  readonly #originalReversePath: string | undefined;
  readonly #submission: Submission;
  readonly #startedMs: number;
  readonly #recipients: string[] = [];
  readonly #refused: RefusedRecipient[] = [];
  /** The message in progress, if it comes by BDAT. */
  #chunked: { body: ChunkedBody; delivery: Promise<Reply> } | undefined;
  /** The message with its header checked and completed, if there are rules for it. */
  #ruled: RuledBody | undefined;
  #outcomeReported = false;
  /** Number of recipients reserved in the {@linkcode Allowance}. */
  #reserved = 0;

  /** @throws {SmtpError} if MAIL must be refused. */
  constructor(context: TransactionContext, client: ClientInfo, asked: Mail) {
    this.#context = context;
    this.#client = client;
    const mail = this.#mail = withForcedSender(asked, context.login.account);
    this.#originalReversePath = mail === asked ? undefined : asked.reversePath;
    this.#startedMs = context.clock.now();
    const refusal = refusalOf(mail, context);
    if (refusal !== undefined) {
      this.#report("mail", outcomeOf(refusal), 0, refusal);
      throw new SmtpError(refusal);
    }
    this.#submission = context.login.open(mail);
  }

  /** Whether a recipient was accepted. */
  get hasRecipients(): boolean {
    return this.#recipients.length > 0;
  }

  /** Answers a group of RCPT commands in order. Some may have been refused already. */
  async recipients(group: readonly (Recipient | RefusedRecipient)[]): Promise<Reply[]> {
    let room = this.#context.limits.recipientCount - this.#recipients.length;
    const slots = group.map((slot): Recipient | Reply => {
      if ("reply" in slot) return slot.reply;
      if (isInternationalized(slot.forwardPath) && !this.#mail.smtpUtf8) return NEEDS_SMTPUTF8;
      if (!isAllowed(slot, this.#context.login.account)) return RECIPIENT_NOT_ALLOWED;
      return room-- > 0 ? slot : TOO_MANY_RECIPIENTS;
    });
    const wanted = slots.filter((slot): slot is Recipient => !(slot instanceof Reply));
    const answers = wanted.length === 0 ? [] : await this.#ask(wanted);
    wanted.forEach((recipient, index) => {
      if (answers[index]!.positive) this.#recipients.push(recipient.forwardPath);
    });
    let next = 0;
    const replies = slots.map((slot) => slot instanceof Reply ? slot : answers[next++]!);
    group.forEach(({ forwardPath }, index) => {
      const reply = replies[index]!;
      if (!reply.positive) this.refused({ forwardPath, reply });
    });
    return replies;
  }

  /** Notes a refused recipient. */
  refused(recipient: RefusedRecipient): void {
    this.#refused.push(recipient);
  }

  #ask(wanted: readonly Recipient[]): Promise<readonly Reply[]> {
    const isLimited = this.#context.login.account.dailyLimit !== undefined;
    return isLimited ? this.#askWithinLimit(wanted) : this.#submission.recipients(wanted);
  }

  /** Passes on as many recipients as the app password can still send to. */
  async #askWithinLimit(wanted: readonly Recipient[]): Promise<readonly Reply[]> {
    const { login: { account }, allowance } = this.#context;
    let refusal = DAILY_LIMIT_REACHED;
    const granted = await allowance.reserve(account, wanted.length).catch((error) => {
      const { reply, privateCause } = asSmtpError(error);
      refusal = reply.because(privateCause);
      return 0;
    });
    this.#reserved += granted;
    const asked = wanted.slice(0, granted);
    const answers = granted === 0 ? [] : await this.#submission.recipients(asked);
    this.#release(answers.filter(({ positive }) => !positive).length);
    return wanted.map((_, index) => answers[index] ?? refusal);
  }

  #release(count: number): void {
    if (count === 0) return;
    this.#reserved -= count;
    this.#context.allowance.release(this.#context.login.account, count);
  }

  /** Receives the message after DATA and returns the final reply. */
  async receiveData(): Promise<Reply> {
    const body = new DataBody(this.#context.reader, this.#context.limits.messageSizeOctets);
    const reply = await this.#deliver(body);
    if (!body.ended) await body.drain();
    return reply;
  }

  /** Receives one chunk (RFC 3030 section 2) and returns its reply. */
  async receiveChunk(size: number, last: boolean): Promise<Reply> {
    if (size > this.#context.limits.messageSizeOctets + DRAIN_LIMIT_OCTETS) throw endless();
    if (this.#chunked === undefined) {
      const { reader, limits } = this.#context;
      const body = new ChunkedBody(reader, limits.messageSizeOctets);
      const delivery = this.#deliver(body).finally(() => body.close());
      delivery.catch(() => {}); // It is awaited with the last chunk, if there is one.
      this.#chunked = { body, delivery };
    } else if (this.#outcomeReported) {
      await discardOctets(this.#context.reader, size);
      return CHUNKS_REFUSED;
    }
    const { body, delivery } = this.#chunked;
    await this.#pass(body, size, last).catch((error) => {
      body.fail(error);
      throw error;
    });
    return last || this.#outcomeReported ? await delivery : CHUNK_ACCEPTED;
  }

  async #pass(body: ChunkedBody, size: number, last: boolean): Promise<void> {
    const { reader } = this.#context;
    let missing = size;
    do {
      if (missing > 0 && reader.unreadCount === 0) await fillMessage(reader);
      const octets = reader.unread.subarray(0, missing);
      missing -= octets.length;
      await body.push(octets, last && missing === 0);
      reader.consume(octets.length);
    } while (missing > 0);
  }

  async #deliver(body: DataBody | ChunkedBody): Promise<Reply> {
    const rules = headerRules(this.#context.login.account, this.#context);
    if (rules !== undefined) this.#ruled = new RuledBody(body, rules);
    try {
      const reply = await this.#submission.data(this.#ruled ?? body);
      this.#report("data", outcomeOf(reply), body.octetCount, reply);
      return reply;
    } catch (error) {
      if (error instanceof ClientGoneError) {
        this.#report("data", "abandoned", body.octetCount, undefined, error);
        throw error;
      }
      const { reply, privateCause } = asSmtpError(error);
      const unknown = error instanceof UpstreamError && error.stage === "verdict";
      const outcome = unknown ? "unknown" : outcomeOf(reply);
      this.#report("data", outcome, body.octetCount, reply, privateCause);
      return reply;
    }
  }

  #report(
    stage: DeliveryStage,
    outcome: DeliveryOutcome,
    octetCount: number,
    reply?: Reply,
    cause?: unknown,
  ): void {
    this.#outcomeReported = true;
    const { login, observe, clock } = this.#context;
    const delivery = {
      stage,
      client: this.#client,
      account: login.account,
      reversePath: this.#mail.reversePath,
      originalReversePath: this.#originalReversePath,
      header: this.#ruled?.report,
      recipients: this.#recipients,
      refused: this.#refused.filter(({ forwardPath }) => !this.#recipients.includes(forwardPath)),
      octetCount,
      durationMs: clock.now() - this.#startedMs,
      outcome,
      reply,
      cause,
    };
    observe({ type: "delivery", delivery });
    this.#release(this.#reserved);
  }

  /** Aborts the transaction: RSET, EHLO, QUIT or a disconnect. */
  abort(): void {
    this.#chunked?.body.fail(new ClientGoneError("before the last chunk"));
    this.#submission.abort();
    this.#release(this.#reserved);
    const reply = this.#refused.at(-1)?.reply;
    if (this.#chunked || this.#outcomeReported || reply === undefined) return;
    this.#report("rcpt", outcomeOf(reply), 0, reply, reply.cause);
  }
}

/** Reports a MAIL that could not be parsed. @param reversePath The part of it that can be read. */
export function reportRefusedMail(
  { login: { account }, observe }: TransactionContext,
  client: ClientInfo,
  reversePath: string,
  reply: Reply,
): void {
  observe({
    type: "delivery",
    delivery: {
      stage: "mail",
      client,
      account,
      reversePath,
      recipients: [],
      refused: [],
      octetCount: 0,
      durationMs: 0,
      outcome: outcomeOf(reply),
      reply,
    },
  });
}

/**
 * Returns MAIL with the mailbox as its reverse-path if the app password forces it. The upstream refuses all others, even the
 * null path.
 */
function withForcedSender(mail: Mail, { forcedSender, mailbox }: Account): Mail {
  return forcedSender && mail.reversePath !== mailbox ? { ...mail, reversePath: mailbox } : mail;
}

/** Returns the reply to a MAIL that must be refused. */
function refusalOf(mail: Mail, { login, limits }: TransactionContext): Reply | undefined {
  if (mail.size !== undefined && mail.size > limits.messageSizeOctets) return TOO_LARGE;
  if (isInternationalized(mail.reversePath) && !mail.smtpUtf8) return NEEDS_SMTPUTF8;
  const { allowedSender: allowed, forcedSender } = login.account;
  return forcedSender || allowed === undefined || matchesPattern(mail.reversePath, allowed)
    ? undefined
    : SENDER_NOT_ALLOWED;
}

/** Whether the app password allows a recipient. */
function isAllowed({ forwardPath }: Recipient, { allowedRecipients }: Account): boolean {
  return allowedRecipients === undefined ||
    allowedRecipients.some((pattern) => matchesPattern(forwardPath, pattern));
}

function outcomeOf(reply: Reply): DeliveryOutcome {
  if (reply.positive) return "accepted";
  return reply.transient ? "deferred" : "refused";
}
