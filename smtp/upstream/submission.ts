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
import { UPSTREAM_TIMEOUT_SECONDS } from "./connection.ts";
import type { Lease, Pool } from "./pool.ts";
import { isBusy, whileBusy } from "./retry.ts";

const NO_SMTPUTF8 = new Reply(550, "5.6.7", "The submission server does not take SMTPUTF8");

/** Options of a transaction. */
export interface SubmissionOptions {
  readonly clock: Clock;
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
  /** Why the transaction has failed: recipients accepted before are void. */
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
      return this.#lease === undefined
        ? await this.#begin(recipients)
        : (await this.#lease.connection.envelope(undefined, recipients)).map(forClient);
    } catch (error) {
      const failure = this.#fail(error);
      const reply = failure.reply.because(failure);
      return recipients.map(() => reply);
    }
  }

  /** Sends MAIL with the first recipients. A refusal of MAIL is the reply to each of them; the next ones try again. */
  async #begin(recipients: readonly Recipient[]): Promise<Reply[]> {
    const attempt = () => this.#attempt(recipients);
    const [mailReply, ...replies] = await whileBusy(
      this.#options.clock,
      attempt,
      ([reply]) => isBusy(reply!),
    );
    return (mailReply!.positive ? replies : recipients.map(() => mailReply!)).map(forClient);
  }

  async #attempt(recipients: readonly Recipient[]): Promise<Reply[]> {
    const lease = this.#lease = await this.#pool.lease(this.#account);
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
      if (!reused || replies[0]!.code !== 421) return replies;
    } catch (error) {
      const diedIdle = reused && error instanceof UpstreamError && error.fault !== "stopped" &&
        connection.replyCount === replyCount;
      if (!diedIdle) throw error;
    }
    // The warm connection was dead, or is being closed for its age. Nothing has been promised yet.
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

  /** Fails the transaction. Without a connection nothing was accepted yet, and the next recipients may try again. */
  #fail(error: unknown): SmtpError {
    this.#options.onFailure(error);
    const failure = asSmtpError(error);
    if (this.#lease === undefined) return failure;
    this.#lease.discard();
    this.#lease = undefined;
    return this.#failure = failure;
  }
}

/** Adapts an upstream's reply for the client: 421 would mean that we disconnect, and every reply has an enhanced code. */
function forClient(reply: Reply): Reply {
  const code = reply.code === 421 ? 451 : reply.code;
  return new UpstreamReply(code, reply.enhanced ?? `${Math.floor(code / 100)}.0.0`, ...reply.lines);
}
