/**
 * The login path, and the way of each transaction: authenticate, get a token, go upstream.
 *
 * @module
 */
import type {
  Account,
  Authenticator,
  Backend,
  ClientInfo,
  Login,
  SubmissionTarget,
  TokenSource,
  UpstreamCounts,
} from "../backend.ts";
import type { Clock } from "../clock.ts";
import type { Observer } from "../events.ts";
import type { Dialer } from "../net/mod.ts";
import {
  type Credentials,
  LoginError,
  type Mail,
  type Reply,
  UpstreamError,
} from "../protocol/mod.ts";
import { UpstreamConnection } from "./connection.ts";
import { Deadlines } from "./deadlines.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import { isBusy, whileBusy } from "./retry.ts";
import { RelayedSubmission } from "./submission.ts";

/** Options of the relay. */
export interface RelayOptions {
  readonly authenticator: Authenticator;
  readonly tokens: TokenSource;
  readonly dialer: Dialer;
  /** Our name for the upstream's EHLO. */
  readonly greetingName: string;
  readonly poolLimits: PoolOptions["limits"];
  /** What to tell a client whose account the upstream refuses: one line that says what to do. */
  readonly explainRefusal: (reply: Reply, account: Account) => string | Promise<string>;
  readonly observe: Observer;
  readonly clock: Clock;
}

/**
 * How long a login may wait for the upstream's sign-in. Gmail gives up 10 s after it connected; the sign-in itself goes on,
 * so that the next try finds it done.
 */
const LOGIN_WAIT_MS = 8_000;

/** How long a refusal of an account's token is remembered, so that a stubborn client causes no storm of sign-ins. */
const REFUSAL_MEMORY_MS = 30_000;

/** Microsoft's `501 5.5.127`: the token ends too soon. */
const TOKEN_ENDS_SOON = "5.5.127";

/** Microsoft's `535 5.7.3`: the token is not accepted, or belongs to another name. */
const NAME_OR_TOKEN_WRONG = "5.7.3";

/** Logs clients in and relays what they send. */
export class Relay implements Backend {
  readonly #options: RelayOptions;
  readonly #pool: Pool;
  readonly #deadlines: Deadlines;
  /** The token with which each account last signed in upstream. */
  readonly #proven = new Map<string, string>();
  /** Sign-ins under way, one per account. */
  readonly #proofs = new Map<string, Promise<void>>();
  /** What the upstream says to accounts that wait for room. */
  readonly #busy = new Map<string, Reply>();
  readonly #refusals = new Map<string, Refusal>();
  /** The other names that have proved to be the sign-in name, by account. */
  readonly #names = new Map<string, string>();

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(options.clock);
    this.#pool = new Pool({
      limits: options.poolLimits,
      open: (account, token) => this.#open(account, token),
      clock: options.clock,
    });
  }

  /** The connections to the submission server. */
  get counts(): UpstreamCounts {
    return this.#pool.counts;
  }

  async login(credentials: Credentials, client: ClientInfo): Promise<Login> {
    const account = await this.#options.authenticator.authenticate(credentials, client);
    const token = await this.#options.tokens.accessToken(account);
    const proven = this.#proven.get(account.id) === token || this.#pool.hasIdle(account.id);
    if (!proven) await this.#waitFor(this.#prove(account, token), account);
    const { clock } = this.#options;
    const onFailure = (error: unknown) => this.#report(error, account.target);
    const proved = { ...account, signInName: this.#nameOf(account) };
    const open = (mail: Mail) =>
      new RelayedSubmission(this.#pool, proved, mail, { clock, onFailure });
    return { account: proved, open };
  }

  /** Shows by a sign-in that the account can send; the connection stays for its first transaction. */
  #prove(account: Account, token: string): Promise<void> {
    const refusal = this.#refusals.get(account.id);
    const lasts = refusal !== undefined && refusal.untilMs > this.#options.clock.now();
    if (lasts && refusal.signInName === account.signInName) return Promise.reject(refusal.error);
    let proof = this.#proofs.get(account.id);
    if (proof === undefined) {
      proof = this.#leaseOnce(account, token).finally(() => this.#proofs.delete(account.id));
      this.#proofs.set(account.id, proof);
    }
    return proof;
  }

  async #leaseOnce(account: Account, token: string): Promise<void> {
    try {
      (await this.#pool.lease(account, token)).release();
    } catch (error) {
      this.#report(error, account.target);
      if (error instanceof LoginError && error.failure === "refused") {
        const untilMs = this.#options.clock.now() + REFUSAL_MEMORY_MS;
        this.#refusals.set(account.id, { error, untilMs, signInName: account.signInName });
      }
      throw error;
    }
  }

  async #waitFor(proof: Promise<void>, account: Account): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<true>();
    const timer = this.#options.clock.setTimer(LOGIN_WAIT_MS, () => resolve(true));
    const isLate = await Promise.race([proof, late]).finally(() => timer.cancel());
    if (!isLate) return;
    const busy = this.#busy.get(account.id);
    throw busy === undefined
      ? new LoginError("temporary", "The submission server is slow, try again in a moment")
      : await this.#refusal(busy, account);
  }

  /** Opens a signed-in connection; a refused token is replaced once. @param token Absent: not known yet. */
  async #open(account: Account, token?: string): Promise<UpstreamConnection> {
    const { tokens } = this.#options;
    token ??= await tokens.accessToken(account);
    let attempt = await this.#signInWhileBusy(account, token);
    if (this.#takeOtherName(account, attempt.reply)) {
      attempt = await this.#signInWhileBusy(account, token);
      if (!attempt.reply.positive) this.#names.delete(account.id);
    }
    if (isTokenRefusal(attempt.reply)) {
      token = await tokens.accessToken(account, token);
      attempt = await this.#signInWhileBusy(account, token);
    }
    const { connection, reply } = attempt;
    this.#reportSignIn(account, reply);
    if (!reply.positive) throw await this.#refusal(reply, account);
    this.#proven.set(account.id, token);
    this.#refusals.delete(account.id);
    return connection;
  }

  #signInWhileBusy(account: Account, token: string): Promise<SignIn> {
    return whileBusy(this.#options.clock, () => this.#signIn(account, token), ({ reply }) => {
      if (isBusy(reply)) this.#busy.set(account.id, reply);
      return isBusy(reply);
    }).finally(() => this.#busy.delete(account.id));
  }

  /** Signs in once; a connection that was refused is of no use. */
  async #signIn(account: Account, token: string): Promise<SignIn> {
    const { greetingName, dialer, clock } = this.#options;
    const connection = await UpstreamConnection.open({
      target: account.target,
      deadlines: this.#deadlines,
      greetingName,
      dialer,
      clock,
    });
    const reply = await connection.authenticate(this.#nameOf(account), token);
    if (!reply.positive) connection.quit();
    return { connection, reply };
  }

  #nameOf({ id, signInName, otherName }: Account): string {
    const name = this.#names.get(id);
    return name !== undefined && name === otherName ? name : signInName;
  }

  /** Goes over to the account's other name, once, if the reply says that the name may be wrong. */
  #takeOtherName(account: Account, reply: Reply): boolean {
    const { id, otherName } = account;
    const maybeWrong = reply.code === 535 && reply.enhanced === NAME_OR_TOKEN_WRONG;
    if (!maybeWrong || otherName === undefined || otherName === this.#nameOf(account)) return false;
    this.#names.set(id, otherName);
    return true;
  }

  async #refusal(reply: Reply, account: Account): Promise<LoginError> {
    const failure = isRefusal(reply) ? "refused" : "temporary";
    const text = await this.#options.explainRefusal(reply, account);
    return new LoginError(failure, text, { cause: new Error(`AUTH: ${reply}`) });
  }

  /** The one place where failures of the upstream are noticed. */
  #report(error: unknown, target: SubmissionTarget): void {
    if (!(error instanceof UpstreamError)) return;
    this.#options.observe({ type: "upstream-failure", target, fault: error.fault, cause: error });
  }

  /** A success, or a refusal for good. */
  #reportSignIn(account: Account, reply: Reply): void {
    const event = { type: "upstream-sign-in", account } as const;
    if (reply.positive) this.#options.observe(event);
    else if (isRefusal(reply)) this.#options.observe({ ...event, refusal: reply });
  }

  /** Forgets an account: its app password was revoked, or its owner signed in anew. */
  drop(accountId: string): void {
    this.#proven.delete(accountId);
    this.#refusals.delete(accountId);
    this.#names.delete(accountId);
    this.#pool.drop(accountId);
  }

  /** Hangs up all idle connections and keeps none from now on. */
  close(): void {
    this.#pool.close();
  }
}

/** An upstream's refusal of an account, with the name that was used. */
interface Refusal {
  readonly error: LoginError;
  readonly untilMs: number;
  readonly signInName: string;
}

/** A sign-in and the upstream's answer to it. */
interface SignIn {
  readonly connection: UpstreamConnection;
  readonly reply: Reply;
}

/** Refusals of the account, by a rule of its organisation or for spam: no other token changes them. */
const POLICY_REFUSALS: readonly (string | undefined)[] = ["5.7.139", "5.7.30", "5.1.8"];

/** Whether the upstream refused the access token; a new one may help, once. */
function isTokenRefusal(reply: Reply): boolean {
  return reply.code === 535 && !POLICY_REFUSALS.includes(reply.enhanced) ||
    reply.enhanced === TOKEN_ENDS_SOON;
}

/** Whether the upstream refused the account for good; a token that ends too soon, again and again, may still heal. */
function isRefusal(reply: Reply): boolean {
  return !reply.transient && reply.enhanced !== TOKEN_ENDS_SOON;
}
