/**
 * Sign-ins at the submission server, and their results: accepted tokens, names, refusals.
 *
 * @module
 */
import type { Account, TokenSource } from "../backend.ts";
import type { Clock } from "../clock.ts";
import type { Observer } from "../events.ts";
import type { Dialer } from "../net/mod.ts";
import { LoginError, type Reply, UpstreamError, UpstreamRefusal } from "../protocol/mod.ts";
import { UpstreamConnection } from "./connection.ts";
import type { Deadlines } from "./deadlines.ts";
import { isBusy, whileBusy } from "./retry.ts";

/** Options of sign-ins. */
export interface SignInOptions {
  readonly tokens: TokenSource;
  readonly dialer: Dialer;
  /** Our name for the upstream's EHLO. */
  readonly greetingName: string;
  /** Returns the text for a client whose account the upstream refuses: one line that says what to do. */
  readonly explainRefusal: (reply: Reply, account: Account) => string | Promise<string>;
  readonly observe: Observer;
  readonly clock: Clock;
}

/** Microsoft's `501 5.5.127`: the token expires too soon. */
const TOKEN_ENDS_SOON = "5.5.127";

/** Microsoft's `535 5.7.3`: the token is not accepted, or belongs to another name. */
const NAME_OR_TOKEN_WRONG = "5.7.3";

/**
 * The enhanced codes of a 535 that another token can cure: none, the general ones, and Microsoft's. All others (5.7.139,
 * 5.7.30, 5.1.8 …) are about a rule that applies to every token.
 */
const TOKEN_REFUSALS: readonly (string | undefined)[] = [
  undefined,
  "5.0.0",
  "5.7.0",
  NAME_OR_TOKEN_WRONG,
  "5.7.8",
];

/** An attempt to sign an account in. It can need several connections: for another name, another token, or a busy mailbox. */
export class SignInAttempt {
  readonly #controller = new AbortController();
  readonly #success = Promise.withResolvers<void>();
  /** The current step, for the log. */
  step = "a free connection of the mailbox";
  /** The upstream's last refusal. */
  refusal: Reply | undefined;
  /** The time since which it has waited for a connection or a reply; undefined while it waits for something else. */
  unansweredSinceMs: number | undefined;

  #older: SignInAttempt | undefined;

  /**
   * @param token The account's access token. Absent: it must be fetched.
   * @param older The attempt before this one, which goes on. If either succeeds, so does the other.
   */
  constructor(readonly startedMs: number, readonly token?: string, older?: SignInAttempt) {
    this.#older = older;
    if (older === undefined) return;
    this.refusal = older.refusal;
    this.#join(older);
    older.#join(this);
  }

  /** Aborts when the attempt is given up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves when this attempt or a later one has succeeded; rejects with the failure of this one. */
  get succeeded(): Promise<void> {
    return this.#success.promise;
  }

  /** Ends with the result of the work. */
  follow(work: Promise<void>): void {
    work.then(this.#success.resolve, this.#success.reject);
  }

  /** Lets this attempt succeed with another one, and not fail with it. */
  #join({ succeeded }: SignInAttempt): void {
    succeeded.then(this.#success.resolve, () => {
      // All who wait for the other sign-in get its failure.
    });
  }

  /** Gives up the attempt before this one. */
  giveUpOlder(): void {
    this.#older?.giveUp();
    this.#older = undefined;
  }

  /** Closes its connection because it takes too long. */
  giveUp(): void {
    this.#controller.abort(
      new UpstreamError(
        "timeout",
        `sign-in given up in favour of a new one; it was waiting for ${this.step}`,
      ),
    );
  }
}

/** A permanent refusal. It counts until a sign-in succeeds. */
interface Refusal {
  readonly error: LoginError;
  readonly signInName: string;
  /** The token that was refused. */
  readonly token: string;
}

/** A sign-in and the upstream's answer to it. */
interface Answered {
  readonly connection: UpstreamConnection;
  readonly reply: Reply;
}

/** Signs accounts in. */
export class SignIns {
  readonly #options: SignInOptions;
  readonly #deadlines: Deadlines;
  /** The token with which each account last signed in. */
  readonly #proven = new Map<string, string>();
  readonly #refusals = new Map<string, Refusal>();
  /** The other names that turned out to be the sign-in name, by account. */
  readonly #names = new Map<string, string>();

  constructor(options: SignInOptions, deadlines: Deadlines) {
    this.#options = options;
    this.#deadlines = deadlines;
  }

  /** Whether the account has last signed in with this token. */
  isProven({ id }: Account, token: string): boolean {
    return this.#proven.get(id) === token;
  }

  /** Returns the name with which the account signs in. */
  nameOf({ id, signInName, otherName }: Account): string {
    const name = this.#names.get(id);
    return name !== undefined && name === otherName ? name : signInName;
  }

  /** Returns the account's last refusal; undefined if a later sign-in has succeeded. */
  lastRefusal(account: Account): LoginError | undefined {
    return this.#remembered(account)?.error;
  }

  /** The refusal of another sign-in name says nothing of this one. */
  #remembered({ id, signInName }: Account): Refusal | undefined {
    const refusal = this.#refusals.get(id);
    return refusal?.signInName === signInName ? refusal : undefined;
  }

  /** Forgets all about an account. */
  forget(accountId: string): void {
    this.#proven.delete(accountId);
    this.#refusals.delete(accountId);
    this.#names.delete(accountId);
  }

  /**
   * Opens a signed-in connection. A refused token is replaced once, unless the same one was refused before.
   *
   * @throws {LoginError} if the upstream refuses the account. @throws {UpstreamError}
   */
  async open(
    account: Account,
    attempt = new SignInAttempt(this.#options.clock.now()),
  ): Promise<UpstreamConnection> {
    const { tokens } = this.#options;
    let token = attempt.token ?? await tokens.accessToken(account);
    let answered = await this.#signInWhileBusy(account, token, attempt);
    if (this.#takeOtherName(account, answered.reply)) {
      answered = await this.#signInWhileBusy(account, token, attempt);
      if (!answered.reply.positive) this.#names.delete(account.id);
    }
    if (isTokenRefusal(answered.reply) && this.#remembered(account)?.token !== token) {
      attempt.step = "another access token";
      // Meanwhile it is not known whether the refusal is permanent.
      const { refusal } = attempt;
      attempt.refusal = undefined;
      token = await tokens.accessToken(account, token);
      attempt.refusal = refusal;
      answered = await this.#signInWhileBusy(account, token, attempt);
    }
    const { connection, reply } = answered;
    this.#report(account, reply);
    if (!reply.positive) throw await this.#refused(account, reply, token);
    this.#proven.set(account.id, token);
    this.#refusals.delete(account.id);
    return connection;
  }

  #signInWhileBusy(account: Account, token: string, attempt: SignInAttempt): Promise<Answered> {
    const { clock } = this.#options;
    return whileBusy(clock, () => this.#signIn(account, token, attempt), ({ reply }) => {
      if (!reply.positive) attempt.refusal = reply;
      return isBusy(reply);
    });
  }

  /** Signs in once. After a refusal the connection is closed. */
  async #signIn(account: Account, token: string, attempt: SignInAttempt): Promise<Answered> {
    const { greetingName, dialer, clock } = this.#options;
    const { target } = account;
    attempt.step = `${target.host}:${target.port} up to its reply to EHLO`;
    attempt.unansweredSinceMs = clock.now();
    const connection = await UpstreamConnection.open({
      target,
      deadlines: this.#deadlines,
      greetingName,
      dialer,
      clock,
      signal: attempt.signal,
    });
    attempt.step = "the reply to AUTH";
    const reply = await connection.authenticate(this.nameOf(account), token, attempt.signal);
    attempt.unansweredSinceMs = undefined;
    if (!reply.positive) connection.quit();
    return { connection, reply };
  }

  /** Switches to the account's other name, once, if the reply says that the name may be wrong. */
  #takeOtherName(account: Account, reply: Reply): boolean {
    const { id, otherName } = account;
    const maybeWrong = reply.code === 535 && reply.enhanced === NAME_OR_TOKEN_WRONG;
    if (!maybeWrong || otherName === undefined || otherName === this.nameOf(account)) return false;
    this.#names.set(id, otherName);
    return true;
  }

  async #refused(account: Account, reply: Reply, token: string): Promise<LoginError> {
    const error = await this.explain(account, reply);
    if (isRefusal(reply)) {
      this.#proven.delete(account.id);
      this.#refusals.set(account.id, { error, signInName: account.signInName, token });
    }
    return error;
  }

  /** Returns the error for a login that the upstream refused. */
  async explain(account: Account, reply: Reply): Promise<LoginError> {
    const failure = isRefusal(reply) ? "refused" : "temporary";
    const text = await this.#options.explainRefusal(reply, account);
    return new LoginError(failure, text, { cause: new UpstreamRefusal(reply, account) });
  }

  /** Reports a successful sign-in or a permanent refusal. */
  #report(account: Account, reply: Reply): void {
    const event = { type: "upstream-sign-in", account } as const;
    if (reply.positive) this.#options.observe(event);
    else if (isRefusal(reply)) this.#options.observe({ ...event, refusal: reply });
  }
}

/** Whether the upstream refused the access token, so that a new one can help. */
function isTokenRefusal({ code, enhanced }: Reply): boolean {
  return code === 535 && TOKEN_REFUSALS.includes(enhanced) || enhanced === TOKEN_ENDS_SOON;
}

/** Whether the upstream refused the account permanently. A token that ends too soon is a temporary problem. */
function isRefusal(reply: Reply): boolean {
  return !reply.transient && reply.enhanced !== TOKEN_ENDS_SOON;
}
