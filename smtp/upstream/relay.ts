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
  Submission,
  TokenSource,
  UpstreamCounts,
} from "../backend.ts";
import {
  type Credentials,
  LoginError,
  type Mail,
  type Reply,
  SmtpError,
  UpstreamError,
} from "../protocol/mod.ts";
import { isBusy, whileBusy } from "./retry.ts";
import { Deadlines } from "./deadlines.ts";
import type { Observer } from "../events.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import { RelayedSubmission } from "./submission.ts";
import type { Dialer } from "../net/mod.ts";
import { UpstreamConnection } from "./connection.ts";

/** What the relay is given. */
export interface RelayOptions {
  readonly authenticator: Authenticator;
  readonly tokens: TokenSource;
  readonly dialer: Dialer;
  /** Our name for the upstream's EHLO. */
  readonly greetingName: string;
  readonly poolLimits: PoolOptions["limits"];
  /** What to tell a client whose account the upstream refuses: one line that says what to do. */
  readonly explainRefusal: (reply: Reply) => string | Promise<string>;
  readonly observe: Observer;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * How long a login may wait for the upstream's sign-in. Gmail gives up 10 s after it connected; the sign-in itself goes on,
 * so that the next try finds it done.
 */
const LOGIN_PATIENCE_MS = 8_000;

/** How long a refusal of an account's token is remembered, so that a stubborn client causes no storm of sign-ins. */
const REFUSAL_MEMORY_MS = 30_000;

/** Microsoft's `501 5.5.127`: the token ends too soon. */
const TOKEN_ENDS_SOON = "5.5.127";

/** Microsoft's `535 5.7.3`: the token is not accepted, or belongs to another name. */
const NAME_OR_TOKEN_WRONG = "5.7.3";

/** The upstream refused an access token; a new one may help, once. */
class TokenRefusedError extends LoginError {
  constructor(publicText: string, options: ErrorOptions) {
    super("refused", publicText, options);
  }
}

/** Logs clients in and relays what they send. */
export class Relay implements Backend {
  readonly #options: RelayOptions;
  readonly #pool: Pool;
  readonly #deadlines = new Deadlines();
  /** The token with which each account last signed in upstream. */
  readonly #proven = new Map<string, string>();
  /** The other names that have taken the place of an unconfirmed sign-in name, by account. */
  readonly #names = new Map<string, string>();
  /** Sign-ins under way, one per account. */
  readonly #proofs = new Map<string, Promise<void>>();
  /** What the upstream says to accounts that wait for room. */
  readonly #busy = new Map<string, Reply>();
  readonly #refusals = new Map<
    string,
    { readonly error: LoginError; readonly untilMs: number; readonly signInName: string }
  >();

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#pool = new Pool({
      limits: options.poolLimits,
      open: (account) => this.#open(account),
      now: options.now,
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
    if (!proven) await withPatience(this.#prove(account), () => this.#tooLate(account.id));
    const proved = this.#withProvedName(account);
    return { account: proved, open: (mail) => this.#submit(proved, mail) };
  }

  /** The account with its other name, if that one has proved to be the sign-in name. */
  #withProvedName(account: Account): Account {
    const name = this.#names.get(account.id);
    return name !== undefined && name === account.otherName
      ? { ...account, signInName: name }
      : account;
  }

  #submit(account: Account, mail: Mail): Submission {
    return new RelayedSubmission(this.#pool, account, mail, this.#options.observe);
  }

  /** Shows by a sign-in that the account can send; the connection stays for its first transaction. */
  #prove(account: Account): Promise<void> {
    const refusal = this.#refusals.get(account.id);
    const lasts = refusal !== undefined && refusal.untilMs > this.#options.now();
    if (lasts && refusal.signInName === account.signInName) return Promise.reject(refusal.error);
    let proof = this.#proofs.get(account.id);
    if (proof === undefined) {
      proof = this.#signIn(account).finally(() => this.#proofs.delete(account.id));
      this.#proofs.set(account.id, proof);
    }
    return proof;
  }

  async #signIn(account: Account): Promise<void> {
    try {
      (await this.#pool.lease(account)).release();
    } catch (error) {
      const failure = asLoginError(error);
      if (failure.failure === "refused") {
        this.#refusals.set(account.id, {
          error: failure,
          untilMs: this.#options.now() + REFUSAL_MEMORY_MS,
          signInName: account.signInName,
        });
      }
      throw failure;
    }
  }

  /** Opens a signed-in connection; a refused token is replaced once. */
  async #open(account: Account): Promise<UpstreamConnection> {
    const { tokens, observe } = this.#options;
    try {
      const token = await tokens.accessToken(account);
      try {
        return await this.#openWith(this.#withProvedName(account), token);
      } catch (error) {
        if (!(error instanceof TokenRefusedError)) throw error;
        const onlyName = { ...account, otherName: undefined };
        return await this.#openWith(onlyName, await tokens.accessToken(account, token));
      }
    } catch (error) {
      if (error instanceof UpstreamError) {
        observe({
          type: "upstream-failure",
          target: account.target,
          fault: error.fault,
          cause: error,
        });
      }
      throw error;
    }
  }

  async #openWith(account: Account, token: string): Promise<UpstreamConnection> {
    const attempt = () => this.#signInWith(account, token);
    const { connection, reply } = await whileBusy(attempt, ({ reply }) => {
      if (isBusy(reply)) this.#busy.set(account.id, reply);
      return isBusy(reply);
    }).finally(() => this.#busy.delete(account.id));
    if (!reply.positive) {
      const other = otherAccount(account, reply);
      if (other !== undefined) return await this.#openWith(other, token);
      throw await this.#refusal(reply);
    }
    if (account.signInName === account.otherName) this.#names.set(account.id, account.signInName);
    this.#proven.set(account.id, token);
    this.#refusals.delete(account.id);
    return connection;
  }

  /** Signs in once; a connection that was refused is of no use. */
  async #signInWith(
    { target, signInName }: Account,
    token: string,
  ): Promise<{ connection: UpstreamConnection; reply: Reply }> {
    const { greetingName, dialer, now } = this.#options;
    const deadlines = this.#deadlines;
    const connection = await UpstreamConnection.open({
      target,
      deadlines,
      greetingName,
      dialer,
      now,
    });
    const reply = await connection.authenticate(signInName, token);
    if (!reply.positive) connection.quit();
    return { connection, reply };
  }

  /** What a client is told whose patience ends before the sign-in does. */
  async #tooLate(accountId: string): Promise<LoginError> {
    const busy = this.#busy.get(accountId);
    return busy === undefined
      ? new LoginError("temporary", "The submission server is slow, try again in a moment")
      : await this.#refusal(busy);
  }

  async #refusal(reply: Reply): Promise<LoginError> {
    const text = await this.#options.explainRefusal(reply);
    const options = { cause: new Error(`AUTH: ${reply}`) };
    const tokenRefused = reply.code === 535 || reply.enhanced === TOKEN_ENDS_SOON;
    return tokenRefused
      ? new TokenRefusedError(text, options)
      : new LoginError("temporary", text, options);
  }

  /** Forgets an account: its app password was revoked, or its owner signed in anew. */
  drop(accountId: string): void {
    this.#proven.delete(accountId);
    this.#refusals.delete(accountId);
    this.#names.delete(accountId);
    this.#pool.drop(accountId);
  }

  /** Closes what has been idle for too long; to be called about once a second. */
  checkTime(): void {
    this.#pool.checkTime();
  }

  /** Hangs up all idle connections and keeps none from now on. */
  close(): void {
    this.#pool.close();
  }
}

/** The account by its other name, if the reply says that the name may be wrong, and it was not tried yet. */
function otherAccount(account: Account, reply: Reply): Account | undefined {
  const { signInName, otherName } = account;
  const maybeWrong = reply.code === 535 && reply.enhanced === NAME_OR_TOKEN_WRONG;
  return maybeWrong && otherName !== undefined && otherName !== signInName
    ? { ...account, signInName: otherName }
    : undefined;
}

function asLoginError(error: unknown): LoginError {
  if (error instanceof LoginError) return error;
  if (error instanceof SmtpError) {
    return new LoginError("temporary", error.reply.text, { cause: error });
  }
  return new LoginError("temporary", "The submission server cannot be reached, try again later", {
    cause: error,
  });
}

async function withPatience(
  work: Promise<void>,
  tooLate: () => Promise<LoginError>,
): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<true>();
  const timer = setTimeout(() => resolve(true), LOGIN_PATIENCE_MS);
  const isLate = await Promise.race([work, late]).finally(() => clearTimeout(timer));
  if (isLate) throw await tooLate();
}
