/**
 * Relaying one transaction to the upstream.
 *
 * @module
 */
import type { Account, MessageBody, Submission } from "../backend.ts";
import type { Clock } from "../clock.ts";
import {
  asSmtpError,
  type Mail,
  type Recipient,
  Reply,
  SmtpError,
  UpstreamError,
  UpstreamReply,
} from "../protocol/mod.ts";
import { UPSTREAM_TIMEOUT_SECONDS } from "./conversation.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Lease, Pool } from "./pool.ts";
import { isBusy, whileBusy } from "./retry.ts";

const NO_SMTPUTF8 = new Reply(550, "5.6.7", "The submission server does not take SMTPUTF8");

/** Options of a transaction. */
export interface SubmissionOptions {
  readonly clock: Clock;
  /** Shared by all. */
  readonly deadlines: Deadlines;
  /** Called with each error that ends the transaction. */
  readonly onFailure: (error: unknown) => void;
}

/** Relays a transaction live over a connection of the pool. */
export class RelayedSubmission implements Submission {
  readonly #pool: Pool;
  readonly #account: Account;
  readonly #mail: Mail;
  readonly #options: SubmissionOptions;
  #lease: Lease | undefined;
  /** Why the transaction failed. Recipients that were accepted before no longer count. */
  #failure: SmtpError | undefined;

  constructor(pool: Pool, account: Account, mail: Mail, options: SubmissionOptions) {
    this.#pool = pool;
    this.#account = account;
    this.#mail = mail;
    this.#options = options;
  }

  async recipients(recipients: readonly Recipient[]): Promise<readonly Reply[]> {
    if (this.#failure !== undefined) {
      return Array(recipients.length).fill(this.#failure.reply.because(this.#failure));
    }
    try {
      return await this.#inTime(this.#relay(recipients));
    } catch (error) {
      const failure = this.#fail(error);
      const reply = failure.reply.because(failure);
      return recipients.map(() => reply);
    }
  }

  #relay(recipients: readonly Recipient[]): Promise<Reply[]> {
    if (this.#lease === undefined) return this.#begin(recipients);
    const answers = this.#lease.connection.envelope(undefined, recipients);
    return answers.then((replies) => replies.map(forClient));
  }

  /** Fails the transaction if everything up to the replies takes longer than the client waits. */
  #inTime<T>(work: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const seconds = UPSTREAM_TIMEOUT_SECONDS.envelope;
    const deadline = this.#options.deadlines.add(() => {
      const message = `no answer to MAIL and RCPT within ${seconds} s`;
      const error = new UpstreamError("timeout", message, { stage: "transaction" });
      this.#failure = error;
      reject(error);
    });
    deadline.set(seconds);
    const end = () => deadline.remove();
    work.then((result) => (end(), resolve(result)), (error) => (end(), reject(error)));
    return promise;
  }

  /** Sends MAIL with the first recipients. If MAIL is refused, all of them get that reply; the next recipients try again. */
  async #begin(recipients: readonly Recipient[]): Promise<Reply[]> {
    const attempt = () => this.#attempt(recipients);
    const replies = await whileBusy(this.#options.clock, attempt, refusesBusyMailbox);
    const mailReply = replies[0]!;
    const answers = mailReply.positive ? replies.slice(1) : recipients.map(() => mailReply);
    return answers.map(forClient);
  }

  async #attempt(recipients: readonly Recipient[]): Promise<Reply[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const lease = await this.#pool.lease(this.#account);
    // Meanwhile the transaction may have been given up.
    if (this.#failure !== undefined) {
      lease.release();
      throw this.#failure;
    }
    this.#lease = lease;
    const replies = await this.#sendEnvelope(lease, recipients);
    if (!replies[0]!.positive) this.abort();
    return replies;
  }

  async #sendEnvelope(lease: Lease, recipients: readonly Recipient[]): Promise<Reply[]> {
    const { connection, reused } = lease;
    if (this.#mail.smtpUtf8 && !connection.supports("SMTPUTF8")) throw new SmtpError(NO_SMTPUTF8);
    const replyCount = connection.replyCount;
    try {
      const { afterIdle, envelope } = UPSTREAM_TIMEOUT_SECONDS;
      const seconds = reused ? afterIdle : envelope;
      const replies = await connection.envelope(this.#mail, recipients, seconds);
      if (!reused || !isForgotten(replies[0]!)) return replies;
    } catch (error) {
      const diedIdle = reused && error instanceof UpstreamError && error.fault !== "stopped" &&
        connection.replyCount === replyCount;
      if (!diedIdle) throw error;
    }
    // The warm connection was dead, is being closed for its age, or has lost its sign-in. Nothing was promised yet.
    await lease.replace();
    return await this.#sendEnvelope(lease, recipients);
  }

  async data(body: MessageBody): Promise<Reply> {
    if (this.#failure !== undefined) throw this.#failure;
    const lease = this.#lease!;
    this.#lease = undefined;
    try {
      const { reply, clean } = await lease.connection.data(body);
      if (clean && reply.code !== 421) lease.release();
      else lease.discard();
      return forClient(reply);
    } catch (error) {
      lease.discard();
      this.#options.onFailure(error);
      throw error;
    }
  }

  abort(): void {
    this.#lease?.reset();
    this.#lease = undefined;
  }

  /** Fails the transaction. Without a connection nothing was accepted yet, so the next recipients can try again. */
  #fail(error: unknown): SmtpError {
    this.#options.onFailure(error);
    const failure = asSmtpError(error);
    if (this.#lease === undefined) return this.#failure ?? failure;
    this.#lease.discard();
    this.#lease = undefined;
    return this.#failure = failure;
  }
}

function refusesBusyMailbox([mailReply]: readonly Reply[]): boolean {
  return isBusy(mailReply!);
}

/**
 * Whether the upstream does not go on with a warm connection: 421, or `530 5.7.57 Client not authenticated` although it has
 * accepted the sign-in.
 */
function isForgotten({ code }: Reply): boolean {
  return code === 421 || code === 530;
}

/** Adapts an upstream's reply for the client. 421 would mean that we disconnect, and every reply needs an enhanced code. */
function forClient(reply: Reply): Reply {
  if (reply.code !== 421 && reply.enhanced !== undefined) return reply;
  const code = reply.code === 421 ? 451 : reply.code;
  return new UpstreamReply(code, reply.enhanced ?? `${Math.floor(code / 100)}.0.0`, ...reply.lines);
}
