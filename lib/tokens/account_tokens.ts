/**
 * The access token of one account: handed out from memory, renewed ahead of need, by one request at a time.
 *
 * @module
 */
import type { LoginError } from "../../smtp/mod.ts";
import { type Clock, MINUTE_MS, SECOND_MS, type Timer } from "../base/mod.ts";
import {
  type Microsoft,
  MicrosoftError,
  type MicrosoftFailure,
  type RefreshedTokens,
} from "../microsoft/mod.ts";
import { Backoff, type BackoffLimits } from "./backoff.ts";
import { signInRequired, temporarily } from "./failure.ts";
import type { Gate } from "./gate.ts";
import type { KeptTokens } from "./kept_tokens.ts";
import type { AccountRecord, TokenSet } from "../store/mod.ts";
import type { TokenReporter } from "./reporter.ts";
import {
  activeRenewalAtMs,
  condition,
  dormantRenewalAtMs,
  isActive,
  type Random,
} from "./timing.ts";

/** What all accounts share. */
export interface TokenContext {
  readonly microsoft: Pick<Microsoft, "refresh">;
  readonly clock: Clock;
  readonly random: Random;
  readonly reporter: TokenReporter;
  /** Address of the web pages, where it is known. */
  readonly publicUrl?: string;
  /** The gate of an app registration. */
  gate(clientId: string): Gate;
}

/** How an account's tokens are doing. */
export interface TokenStatus {
  /** `delayed`: the last renewal failed and is going to be repeated. */
  readonly state: "ok" | "delayed" | "sign-in-required";
  /** Milliseconds since the epoch; absent: no access token in memory. */
  readonly accessTokenExpiresAtMs?: number;
  /** Absent: none is planned. */
  readonly nextRenewalAtMs?: number;
}

/** A mail client waits no longer than this for a token: Gmail allows 10 seconds for the whole login. */
const PATIENCE_MS = 5 * SECOND_MS;
/** A token that is refused although it is so new is not replaced: the next one would fare no better. */
const NEW_TOKEN_MS = MINUTE_MS;
/** Renewals that were put off come back within this time, not all at once. */
const SPREAD_MS = 30 * SECOND_MS;

const DEFAULT_LIMITS: BackoffLimits = { firstMs: SECOND_MS, maxMs: MINUTE_MS };
/** A refusal that we do not understand is the account's own, and may last. */
const LIMITS: Readonly<Partial<Record<MicrosoftFailure, BackoffLimits>>> = {
  refused: { firstMs: MINUTE_MS, maxMs: 60 * MINUTE_MS },
};

/** Hands out and renews one account's access token. */
export class AccountTokens {
  readonly #context: TokenContext;
  readonly #kept: KeptTokens;
  readonly #backoff: Backoff;
  #lastUsedAtMs: number;
  #lastError: unknown;
  #refreshing: Promise<void> | undefined;
  #timer: Timer | undefined;
  #nextRenewalAtMs: number | undefined;
  #issuedAtMs = 0;
  #stopped = false;

  /** @param lastUsedAtMs When a client last logged in, as far as is known. */
  constructor(kept: KeptTokens, context: TokenContext, lastUsedAtMs = 0) {
    this.#kept = kept;
    this.#context = context;
    this.#backoff = new Backoff(context.random);
    this.#lastUsedAtMs = lastUsedAtMs;
  }

  get status(): TokenStatus {
    const delayed = this.#lastError !== undefined;
    return {
      state: this.#kept.refusal ? "sign-in-required" : delayed ? "delayed" : "ok",
      accessTokenExpiresAtMs: this.#kept.tokens?.accessTokenExpiresAtMs,
      nextRenewalAtMs: this.#nextRenewalAtMs,
    };
  }

  /**
   * Begins to renew ahead of need.
   *
   * @param spreadMs What is overdue is renewed within this time.
   */
  async start(spreadMs: number): Promise<void> {
    if (this.#active) await this.#load();
    this.#schedule(spreadMs);
  }

  /** Whether there is nothing to do before this time unless a client logs in, and nothing is under way. */
  isIdleUntil(timeMs: number): boolean {
    const { isSettled } = this.#kept;
    const plannedAtMs = this.#nextRenewalAtMs ?? Infinity;
    return !this.#active && !this.#refreshing && isSettled && plannedAtMs > timeMs;
  }

  /** Stops renewing. Resolves when what is under way has been stored. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#refreshing;
    await this.#kept.flush();
  }

  /** See `TokenSource` in `smtp/backend.ts`. */
  async accessToken(rejected?: string): Promise<string> {
    if (!this.#kept.tokens || this.#kept.refusal) await this.#load();
    if (!this.#kept.tokens || this.#kept.refusal) throw this.#loginError();
    this.#noteUse();
    const token = this.#usable("fresh", rejected) ?? await this.#renewed(rejected);
    if (token === undefined) throw this.#loginError();
    return token;
  }

  /** Renews, unless that has just failed. Never rejects: the outcome shows in the tokens. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().catch((error) => this.#context.reporter.unexpected(error))
      .finally(() => {
        this.#refreshing = undefined;
        this.#schedule(SPREAD_MS);
      });
    return this.#refreshing;
  }

  async #renewed(rejected: string | undefined): Promise<string | undefined> {
    await this.#patiently(this.refresh());
    return this.#usable("stale", rejected);
  }

  async #refresh(): Promise<void> {
    const { clock } = this.#context;
    if (!this.#kept.tokens) await this.#load();
    const { account, tokens, refusal } = this.#kept;
    if (!account || !tokens || refusal || clock.now() < this.#backoff.untilMs) return;
    try {
      await this.#kept.keep(await this.#redeem(account.clientId));
      this.#succeeded(account);
    } catch (error) {
      await this.#failed(error, account, tokens);
    }
  }

  #redeem(clientId: string): Promise<RefreshedTokens> {
    const { microsoft, gate } = this.#context;
    const request = (refreshToken: string) => microsoft.refresh(clientId, refreshToken);
    return gate(clientId).run(() => this.#kept.redeem(request));
  }

  #succeeded(account: AccountRecord): void {
    this.#issuedAtMs = this.#context.clock.now();
    this.#backoff.succeed();
    this.#lastError = undefined;
    this.#context.reporter.renewed(account);
  }

  async #failed(error: unknown, account: AccountRecord, tokens: TokenSet): Promise<void> {
    this.#lastError = error;
    if (isDead(error)) return await this.#kept.refuse(error.code);
    const limits = error instanceof MicrosoftError ? LIMITS[error.failure] : undefined;
    this.#backoff.fail(this.#context.clock.now(), limits ?? DEFAULT_LIMITS);
    this.#context.reporter.renewalFailed(account, error, tokens, this.#active);
  }

  async #load(): Promise<void> {
    try {
      await this.#kept.load();
      this.#lastError = undefined;
      this.#backoff.succeed();
    } catch (error) {
      this.#lastError = error;
      this.#backoff.fail(this.#context.clock.now(), DEFAULT_LIMITS);
      this.#context.reporter.unreadable(error);
    }
    if (!this.#timer) this.#schedule(SPREAD_MS);
  }

  /** The token in memory, if it is good enough. */
  #usable(least: "fresh" | "stale", rejected: string | undefined): string | undefined {
    const { tokens } = this.#kept;
    if (!tokens || this.#kept.refusal) return undefined;
    const nowMs = this.#context.clock.now();
    const isNew = nowMs - this.#issuedAtMs < NEW_TOKEN_MS;
    if (tokens.accessToken === rejected && !isNew) return undefined;
    const state = condition(tokens, nowMs);
    return state === "fresh" || state === least ? tokens.accessToken : undefined;
  }

  #loginError(): LoginError {
    const { refusal, tokens } = this.#kept;
    const gone = !tokens && this.#lastError === undefined;
    return refusal || gone
      ? signInRequired(refusal, this.#context.publicUrl)
      : temporarily(this.#lastError);
  }

  get #active(): boolean {
    return isActive(this.#lastUsedAtMs, this.#context.clock.now());
  }

  #noteUse(): void {
    const wasActive = this.#active;
    this.#lastUsedAtMs = this.#context.clock.now();
    if (!wasActive) this.#schedule(0);
  }

  #schedule(spreadMs: number): void {
    const { clock, random } = this.#context;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#nextRenewalAtMs = undefined;
    const plannedAtMs = this.#plannedAtMs();
    if (this.#stopped || plannedAtMs === undefined) return;
    const nowMs = clock.now();
    const overdue = plannedAtMs <= nowMs;
    const atMs = overdue ? this.#retryAtMs(nowMs) + random() * spreadMs : plannedAtMs;
    this.#nextRenewalAtMs = atMs;
    this.#timer = clock.setTimer(atMs - nowMs, () => void this.refresh());
  }

  /** When the next renewal is due; undefined: never. */
  #plannedAtMs(): number | undefined {
    const { account, tokens, refusal } = this.#kept;
    const { random } = this.#context;
    if (!account || refusal) return undefined;
    if (!this.#active) return dormantRenewalAtMs(account.refreshedAtMs, random);
    return tokens ? activeRenewalAtMs(tokens, random) : 0;
  }

  #retryAtMs(nowMs: number): number {
    const { account } = this.#kept;
    const opensAtMs = account ? this.#context.gate(account.clientId).opensAtMs : 0;
    return Math.max(nowMs, opensAtMs, this.#backoff.untilMs);
  }

  /** Waits for a renewal, but not longer than a mail client does. The renewal goes on. */
  #patiently(renewal: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#context.clock.setTimer(PATIENCE_MS, resolve);
      void renewal.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}

function isDead(error: unknown): error is MicrosoftError {
  return error instanceof MicrosoftError && error.failure === "sign-in-required";
}
