/**
 * The relay: logs clients in by signing in at the submission server, and opens their transactions.
 *
 * @module
 */
import type {
  Account,
  Authenticator,
  Backend,
  ClientInfo,
  Login,
  MailboxCounts,
  SubmissionTarget,
  UpstreamCounts,
} from "../backend.ts";
import {
  type Credentials,
  invalid,
  LoginError,
  lowerCaseAscii,
  type Mail,
  SlowSignIn,
  UpstreamError,
} from "../protocol/mod.ts";
import { Deadlines } from "./deadlines.ts";
import { authTimeoutMs } from "./auth_timeout.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import { SignInAttempt, type SignInOptions, SignIns } from "./sign_ins.ts";
import { RelayedSubmission } from "./submission.ts";

/** Options of the relay. */
export interface RelayOptions extends SignInOptions {
  readonly authenticator: Authenticator;
  readonly poolLimits: PoolOptions["limits"];
  readonly slots?: PoolOptions["slots"];
}

/**
 * After this time without an answer, a sign-in may hang: the next login starts another one. Sign-ins have been seen to take
 * ten seconds, so the first one continues, and either can succeed for all logins that wait.
 */
const HANG_MS = 8_000;

/** Logs clients in and relays their transactions. */
export class Relay implements Backend {
  readonly #options: RelayOptions;
  readonly #pool: Pool;
  readonly #deadlines: Deadlines;
  readonly #signIns: SignIns;
  /** The latest pending sign-in of each account. */
  readonly #attempts = new Map<string, SignInAttempt>();

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(options.clock);
    this.#signIns = new SignIns(options, this.#deadlines);
    this.#pool = new Pool({
      limits: options.poolLimits,
      open: (account) => this.#signIns.open(account),
      clock: options.clock,
      slots: options.slots,
    });
  }

  /** Numbers of connections of each mailbox that has any. */
  get mailboxes(): readonly MailboxCounts[] {
    return this.#pool.mailboxes;
  }

  /** Numbers of connections to the submission server. */
  get counts(): UpstreamCounts {
    return this.#pool.counts;
  }

  async login(credentials: Credentials, client: ClientInfo): Promise<Login> {
    const account = await this.#options.authenticator.authenticate(credentials, client);
    checkAuthorization(credentials, account);
    return await this.admit(account, client);
  }

  async admit(account: Account, client: ClientInfo): Promise<Login> {
    const { tokens, clock } = this.#options;
    const untilMs = clock.now() + authTimeoutMs(client);
    const token = await tokens.accessToken(account);
    if (!this.#isReady(account, token)) await this.#prove(account, token, untilMs);
    const options = {
      clock,
      deadlines: this.#deadlines,
      onFailure: (error: unknown) => this.#report(error, account.target),
    };
    const proved = { ...account, signInName: this.#signIns.nameOf(account) };
    const open = (mail: Mail) => new RelayedSubmission(this.#pool, proved, mail, options);
    return { account: proved, open };
  }

  /** Signs an account in before its login, and keeps the connection for its first message. @throws {SmtpError} */
  async prepare(account: Account): Promise<void> {
    const token = await this.#options.tokens.accessToken(account);
    if (!this.#isReady(account, token)) await this.#try(account, token).succeeded;
  }

  /** Whether the account can send, as far as is known. */
  #isReady(account: Account, token: string): boolean {
    return this.#signIns.isProven(account, token) || this.#pool.hasIdle(account.id);
  }

  /**
   * Proves by a sign-in that the account can send. When the client's timeout ends, the sign-in goes on for the next login. A
   * refusal that is known by then is the answer.
   */
  async #prove(account: Account, token: string, untilMs: number): Promise<void> {
    const { clock } = this.#options;
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = clock.setTimer(untilMs - clock.now(), () => resolve("late"));
    const attempt = this.#try(account, token);
    const result = await Promise.race([attempt.succeeded, late]).finally(() => timer.cancel());
    if (result !== "late") return;
    const { refusal } = attempt;
    throw (refusal && await this.#signIns.explain(account, refusal)) ??
      this.#signIns.lastRefusal(account) ?? tooSlow(attempt, clock.now());
  }

  /** Joins the account's pending sign-in, or starts one. Its connection is kept for the first transaction. */
  #try(account: Account, token: string): SignInAttempt {
    const { id } = account;
    const startedMs = this.#options.clock.now();
    const last = this.#attempts.get(id);
    const sinceMs = last?.unansweredSinceMs ?? startedMs;
    if (last !== undefined && startedMs - sinceMs < HANG_MS) return last;
    last?.giveUpOlder();
    if (!this.#pool.hasRoom(id)) last?.giveUp();
    const attempt = new SignInAttempt(startedMs, token, last);
    this.#attempts.set(id, attempt);
    attempt.follow(this.#lease(account, attempt));
    return attempt;
  }

  async #lease(account: Account, attempt: SignInAttempt): Promise<void> {
    try {
      const open = () => this.#signIns.open(account, attempt);
      (await this.#pool.lease(account, open)).release();
    } catch (error) {
      this.#report(error, account.target);
      throw error;
    } finally {
      if (this.#attempts.get(account.id) === attempt) this.#attempts.delete(account.id);
    }
  }

  /** Reports a failure of the upstream; the only place that does. */
  #report(error: unknown, target: SubmissionTarget): void {
    if (!(error instanceof UpstreamError) || error.fault === "stopped") return;
    this.#options.observe({ type: "upstream-failure", target, fault: error.fault, cause: error });
  }

  /** Closes an account's connections and forgets its sign-in. */
  drop(accountId: string): void {
    this.#signIns.forget(accountId);
    this.#attempts.delete(accountId);
    this.#pool.drop(accountId);
  }

  /** Closes all idle connections, and keeps none from now on. */
  close(): void {
    this.#pool.close();
  }

  /** Closes all connections at once: pending operations fail with `421 4.3.2`. */
  destroy(): void {
    this.#pool.close();
    this.#deadlines.stop();
  }
}

function tooSlow({ startedMs, step }: SignInAttempt, nowMs: number): LoginError {
  const seconds = Math.round((nowMs - startedMs) / 1000);
  return new LoginError(
    "temporary",
    "The submission server is slow, try again in a moment",
    { cause: new SlowSignIn(`after ${seconds} s the sign-in was still waiting for ${step}`) },
  );
}

/** Refuses an account that wants to act for another one. @throws {LoginError} `invalid` */
function checkAuthorization({ authorizationId, username }: Credentials, account: Account): void {
  if (authorizationId === undefined) return;
  const { mailbox, signInName, otherName = "" } = account;
  const wanted = lowerCaseAscii(authorizationId);
  const names = [username, mailbox, signInName, otherName];
  if (names.some((name) => lowerCaseAscii(name) === wanted)) return;
  throw invalid(
    `the authorization identity is of another account: ${authorizationId.slice(0, 255)}`,
  );
}
