/**
 * The relay: logs clients in by a sign-in at the submission server, and opens their transactions.
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
  UpstreamRefusal,
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
  readonly slots?: PoolOptions["slots"];
  /** Returns the text for a client whose account the upstream refuses: one line that says what to do. */
  readonly explainRefusal: (reply: Reply, account: Account) => string | Promise<string>;
  readonly observe: Observer;
  readonly clock: Clock;
}

/**
 * How long a login waits for the sign-in. Gmail gives up 10 s after it has connected; the sign-in goes on, so that the next
 * login finds it done.
 */
const LOGIN_WAIT_MS = 8_000;

/** How long a refused sign-in is remembered, so that a persistent client causes no storm of sign-ins. */
const REFUSAL_MEMORY_MS = 30_000;

/** Microsoft's `501 5.5.127`: the token expires too soon. */
const TOKEN_ENDS_SOON = "5.5.127";

/** Microsoft's `535 5.7.3`: the token is not accepted, or belongs to another name. */
const NAME_OR_TOKEN_WRONG = "5.7.3";

/** Logs clients in and relays their transactions. */
export class Relay implements Backend {
  readonly #options: RelayOptions;
  readonly #pool: Pool;
  readonly #deadlines: Deadlines;
  /** The token with which each account last signed in upstream. */
  readonly #proven = new Map<string, string>();
  /** Sign-ins in progress, one per account. */
  readonly #proofs = new Map<string, Promise<void>>();
  /** The upstream's replies to accounts that are over its limit of connections. */
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
      slots: options.slots,
    });
  }

  /** Numbers of connections to the submission server. */
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

  /** Proves by a sign-in that the account can send. The connection stays for its first transaction. */
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

  /** Opens a signed-in connection. A refused token is replaced once. */
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

  /** Signs in once. After a refusal the connection is closed. */
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

  /** Switches to the account's other name, once, if the reply says that the name may be wrong. */
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
    return new LoginError(failure, text, { cause: new UpstreamRefusal(reply, account) });
  }

  /** Reports a failure of the upstream; the only place that does. */
  #report(error: unknown, target: SubmissionTarget): void {
    if (!(error instanceof UpstreamError)) return;
    this.#options.observe({ type: "upstream-failure", target, fault: error.fault, cause: error });
  }

  /** Reports a successful sign-in, or a refusal for good. */
  #reportSignIn(account: Account, reply: Reply): void {
    const event = { type: "upstream-sign-in", account } as const;
    if (reply.positive) this.#options.observe(event);
    else if (isRefusal(reply)) this.#options.observe({ ...event, refusal: reply });
  }

  /** Closes an account's connections and forgets its sign-in. */
  drop(accountId: string): void {
    this.#proven.delete(accountId);
    this.#refusals.delete(accountId);
    this.#names.delete(accountId);
    this.#pool.drop(accountId);
  }

  /** Closes all idle connections, and keeps none from now on. */
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
