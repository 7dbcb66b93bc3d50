/**
 * Access tokens for the submission server: kept in memory, renewed ahead of need, one request in flight per account.
 *
 * Only accounts that are in use, or whose renewal comes near, have an object and a timer here. Several times a day all
 * accounts are looked through for them: most accounts need nothing for days.
 *
 * @module
 */
import type { Account, TokenSource } from "../../smtp/mod.ts";
import type { Alerts } from "../alerts/mod.ts";
import { type Clock, HOUR_MS, MINUTE_MS, pause, SECOND_MS, type Timer } from "../base/mod.ts";
import { type Microsoft, missingRegistration } from "../microsoft/mod.ts";
import type {
  AccountRecord,
  AccountStore,
  AccountUse,
  TokenStore,
  TokenVault,
} from "../store/mod.ts";
import { AccountTokens, type TokenContext, type TokenStatus } from "./account_tokens.ts";
import { Gate } from "./gate.ts";
import { KeptTokens } from "./kept_tokens.ts";
import { type RenewalOutcome, TokenReporter } from "./reporter.ts";
import { earliestDormantRenewalAtMs, isActive, type Random } from "./timing.ts";

export type { RenewalOutcome, TokenStatus };

/** What {@linkcode Tokens} needs. */
export interface TokensOptions {
  readonly store: {
    readonly accounts: Pick<AccountStore, "get" | "listUses">;
    readonly tokens: Pick<TokenStore, "requireSignIn">;
  };
  readonly vault: Pick<TokenVault, "load" | "replace">;
  readonly microsoft: Pick<Microsoft, "refresh" | "hasRegistration" | "authority">;
  readonly alerts: Alerts;
  readonly clock: Clock;
  /** Address of the web pages, where it is known: for the text that asks to sign in. */
  readonly publicUrl?: string;
  /** Default: `Math.random`. */
  readonly random?: Random;
  /** Called at the end of each renewal, for the metrics. */
  readonly observe?: (outcome: RenewalOutcome) => void;
}

/** Accounts that are looked at without a pause: some milliseconds at most. */
const PAGE_SIZE = 64;
/** Between two pages, for others to work: connections wait much longer where the event loop never rests. */
const PAUSE_MS = 1;
/** After a long stop, renewals that are overdue are done within this time. */
const ACTIVE_SPREAD_MS = 10 * SECOND_MS;
const DORMANT_SPREAD_MS = HOUR_MS;
/** How often all accounts are looked through. */
const ROUND_MS = 6 * HOUR_MS;
/** When they are looked through again after the database has failed. */
const RETRY_MS = MINUTE_MS;

/** Gives access tokens, and keeps every account's sign-in alive in the background. */
export class Tokens implements TokenSource {
  readonly #options: TokensOptions;
  readonly #context: TokenContext;
  readonly #accounts = new Map<string, AccountTokens>();
  readonly #gates = new Map<string, Gate>();
  readonly #adoptionListeners: ((accountId: string) => void)[] = [];
  #nextRound: Timer | undefined;
  #stopped = false;

  constructor(options: TokensOptions) {
    this.#options = options;
    const { microsoft, clock, alerts, observe, publicUrl, random = Math.random } = options;
    const gate = (clientId: string) => this.#gate(clientId, random);
    const authority = microsoft.authority.origin;
    const reporter = new TokenReporter({ alerts, clock, authority, observe, gate });
    this.#context = { microsoft, clock, random, reporter, publicUrl, gate };
  }

  /**
   * Looks through all accounts, now and then several times a day, and renews the tokens of those that need it. Never
   * rejects: a database that fails becomes an alert. Resolves at the end of the first round, which takes ten seconds for a
   * million accounts, but never holds up others for more than some milliseconds.
   */
  async start(): Promise<void> {
    this.#letGo();
    const succeeded = await this.#lookThrough();
    if (this.#stopped) return;
    const delayMs = succeeded ? ROUND_MS : RETRY_MS;
    this.#nextRound = this.#options.clock.setTimer(delayMs, () => void this.start());
  }

  /** Stops renewing. Resolves when the renewals under way have been stored. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#nextRound?.cancel();
    await Promise.all([...this.#accounts.values()].map((account) => account.stop()));
    this.#accounts.clear();
  }

  accessToken(account: Account, rejected?: string): Promise<string> {
    return this.#account(account.id).accessToken(rejected);
  }

  /** Adds a listener that is told when an account has signed in again: what is signed in with former tokens is outdated. */
  onAdopted(listener: (accountId: string) => void): void {
    this.#adoptionListeners.push(listener);
  }

  /** Takes over what a sign-in has stored. */
  async adopt(account: AccountRecord): Promise<void> {
    for (const listener of this.#adoptionListeners) listener(account.id);
    this.#options.alerts.clearAccount(account.id);
    this.#warnOf(account);
    await this.#startAccount(account, account.signedInAtMs);
  }

  /** Lets go of an account that was deleted. */
  async forget(accountId: string): Promise<void> {
    this.#options.alerts.clearAccount(accountId);
    const account = this.#accounts.get(accountId);
    this.#accounts.delete(accountId);
    await account?.stop();
  }

  /** How an account's tokens are doing; undefined: nobody has asked for them of late, and nothing is due. */
  status(accountId: string): TokenStatus | undefined {
    return this.#accounts.get(accountId)?.status;
  }

  /** Lets go of accounts that are not in use any more. */
  #letGo(): void {
    const nextRoundAtMs = this.#options.clock.now() + ROUND_MS;
    for (const [id, account] of this.#accounts) {
      if (!account.isIdleUntil(nextRoundAtMs)) continue;
      this.#accounts.delete(id);
      void account.stop();
    }
  }

  /** @returns Whether the database could be read to its end. */
  async #lookThrough(): Promise<boolean> {
    try {
      let afterId = await this.#lookAtPage("");
      while (afterId !== undefined) {
        await pause(this.#options.clock, PAUSE_MS);
        if (this.#stopped) break;
        afterId = await this.#lookAtPage(afterId);
      }
      return true;
    } catch (error) {
      this.#context.reporter.unreadable(error);
      return false;
    }
  }

  /** @returns The last id of a full page: there may be more after it. */
  async #lookAtPage(afterId: string): Promise<string | undefined> {
    const page = await this.#options.store.accounts.listUses(afterId, PAGE_SIZE);
    for (const use of page) await this.#lookAt(use);
    return page[PAGE_SIZE - 1]?.account.id;
  }

  /** Other processes, such as the command line, add accounts as well: those must not be left to die. */
  async #lookAt({ account, lastLoginAtMs = 0 }: AccountUse): Promise<void> {
    this.#warnOf(account);
    if (account.state === "sign-in-required" || this.#accounts.has(account.id)) return;
    const nowMs = this.#options.clock.now();
    const lastUsedAtMs = Math.max(account.signedInAtMs, lastLoginAtMs);
    const isDue = earliestDormantRenewalAtMs(account.refreshedAtMs) <= nowMs + ROUND_MS;
    if (isDue || isActive(lastUsedAtMs, nowMs)) await this.#startAccount(account, lastUsedAtMs);
  }

  async #startAccount(account: AccountRecord, lastUsedAtMs: number): Promise<void> {
    const tokens = new AccountTokens(this.#keep(account.id, account), this.#context, lastUsedAtMs);
    const former = this.#accounts.get(account.id);
    this.#accounts.set(account.id, tokens);
    await former?.stop();
    const active = isActive(lastUsedAtMs, this.#options.clock.now());
    await tokens.start(active ? ACTIVE_SPREAD_MS : DORMANT_SPREAD_MS);
  }

  /** What is wrong with an account even before anyone uses it. */
  #warnOf(account: AccountRecord): void {
    const { reporter } = this.#context;
    if (account.state === "sign-in-required") reporter.warnOfSignIn(account, account.stateReason);
    else if (!this.#options.microsoft.hasRegistration(account.clientId)) {
      reporter.registrationRefused(account.clientId, missingRegistration(account.clientId));
    }
  }

  #account(id: string): AccountTokens {
    let tokens = this.#accounts.get(id);
    if (!tokens) {
      tokens = new AccountTokens(this.#keep(id), this.#context);
      this.#accounts.set(id, tokens);
    }
    return tokens;
  }

  #keep(id: string, account?: AccountRecord): KeptTokens {
    const { store, vault, clock } = this.#options;
    return new KeptTokens(id, { store, vault, clock, reporter: this.#context.reporter }, account);
  }

  #gate(clientId: string, random: Random): Gate {
    let gate = this.#gates.get(clientId);
    if (!gate) this.#gates.set(clientId, gate = new Gate(this.#options.clock, random));
    return gate;
  }
}
