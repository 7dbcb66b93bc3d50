/**
 * One transaction on its way upstream.
 *
 * @module
 */
import type { Account, MessageBody, Submission } from "../backend.ts";
import {
  ConnectionLostError,
  LoginError,
  type Mail,
  type Recipient,
  Reply,
  SmtpError,
  UnknownOutcomeError,
  UpstreamError,
} from "../protocol/mod.ts";
import { isBusy, whileBusy } from "./retry.ts";
import type { Observer } from "../events.ts";
import type { Lease, Pool } from "./pool.ts";
import { UPSTREAM_TIMEOUT_SECONDS } from "./connection.ts";

const NO_SMTPUTF8 = new Reply(550, "5.6.7", "The submission server does not take SMTPUTF8");
const UNREACHABLE = new Reply(
  451,
  "4.4.1",
  "The submission server cannot be reached, try again later",
);

/** Relays one transaction live over a connection of the pool. */
export class RelayedSubmission implements Submission {
  readonly #pool: Pool;
  readonly #account: Account;
  readonly #mail: Mail;
  readonly #observe: Observer;
  #lease: Lease | undefined;
  /** Why the transaction can't go on; what was accepted before is void. */
  #failure: SmtpError | undefined;

  constructor(pool: Pool, account: Account, mail: Mail, observe: Observer) {
    this.#pool = pool;
    this.#account = account;
    this.#mail = mail;
    this.#observe = observe;
  }

  async recipients(recipients: readonly Recipient[]): Promise<readonly Reply[]> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      return this.#lease === undefined
        ? await this.#begin(recipients)
        : (await this.#lease.connection.envelope(undefined, recipients)).map(forClient);
    } catch (error) {
      const failure = this.#fail(error);
      return recipients.map(() => failure.reply);
    }
  }

  /** Sends MAIL with the first recipients. A refusal of MAIL is the answer to them, and the next ones try again. */
  async #begin(recipients: readonly Recipient[]): Promise<Reply[]> {
    const attempt = () => this.#attempt(recipients);
    const [mailReply, ...replies] = await whileBusy(attempt, ([reply]) => isBusy(reply!));
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
      const diedIdle = reused && error instanceof UpstreamError &&
        connection.replyCount === replyCount;
      if (!diedIdle) throw error;
    }
    // The warm connection was dead, or is being closed for its age: nothing has been promised to anyone yet.
    await lease.replace();
    return await this.#sendEnvelope(lease, recipients);
  }

  async data(body: MessageBody): Promise<Reply> {
    if (this.#failure !== undefined) throw this.#failure;
    const lease = this.#lease!;
    this.#lease = undefined;
    let complete = false;
    try {
      const { reply, clean } = await lease.connection.data(body, () => complete = true);
      if (clean && reply.code !== 421) lease.release();
      else lease.discard();
      return forClient(reply);
    } catch (error) {
      lease.discard();
      if (!(error instanceof UpstreamError)) throw error;
      this.#observe({
        type: "upstream-failure",
        target: this.#account.target,
        fault: error.fault,
        cause: error,
      });
      throw complete ? new UnknownOutcomeError(error) : new ConnectionLostError(error);
    }
  }

  abort(): void {
    this.#lease?.reset();
    this.#lease = undefined;
  }

  #fail(error: unknown): SmtpError {
    if (this.#lease !== undefined) {
      this.#lease.discard();
      this.#lease = undefined;
      if (error instanceof UpstreamError) {
        this.#observe({
          type: "upstream-failure",
          target: this.#account.target,
          fault: error.fault,
          cause: error,
        });
      }
      return this.#failure = asSmtpError(error, true);
    }
    return asSmtpError(error, false);
  }
}

function asSmtpError(error: unknown, inside: boolean): SmtpError {
  if (error instanceof SmtpError) return error;
  if (error instanceof LoginError) return new SmtpError(loginFailureReply(error), { cause: error });
  if (inside) return new ConnectionLostError(error);
  return new SmtpError(UNREACHABLE, { cause: error });
}

/** The account stopped working between its login and its transaction. */
function loginFailureReply(error: LoginError): Reply {
  const temporary = error.failure === "temporary" || error.failure === "throttled";
  return temporary
    ? new Reply(451, "4.7.0", error.publicText)
    : new Reply(530, "5.7.0", error.publicText);
}

/** An upstream's reply as the client gets it: 421 would mean that we hang up, and every reply has an enhanced code. */
function forClient(reply: Reply): Reply {
  const code = reply.code === 421 ? 451 : reply.code;
  return new Reply(code, reply.enhanced ?? `${Math.floor(code / 100)}.0.0`, ...reply.lines);
}
