/**
 * Access tokens for the submission server: kept in memory, renewed ahead of need, one request in flight per account.
 *
 * Only accounts in use, and those whose renewal is near, are known here. Several times a day all accounts are searched for
 * them, since most need nothing for days. The accounts that were used last have their tokens in memory, decrypted; of the
 * others only the time of the next renewal is kept.
 *
 * @module
 */
import type { Account, Application, TokenSource } from "../../smtp/mod.ts";
import type { Alerts } from "../alerts/mod.ts";
import { HOUR_MS, MINUTE_MS, pause, SECOND_MS, type Timer } from "../base/mod.ts";
import { type Microsoft, missingRegistration } from "../microsoft/mod.ts";
import type { AccountRecord, AccountStore, AccountUse } from "../store/mod.ts";
import type { TokenDependencies, TokenStatus } from "./access_token.ts";
import { AccountTokens } from "./account_tokens.ts";
import { ApplicationToken } from "./application_token.ts";
import type { Random } from "./backoff.ts";
import { CircuitBreaker, tenantKey } from "./circuit_breaker.ts";
import { type PlannedRenewal, RenewalQueue } from "./renewal_queue.ts";
import { earliestDormantRenewalAtMs, isActive } from "./renewal_schedule.ts";
import { type RenewalOutcome, TokenReporter } from "./reporter.ts";

/** Dependencies of {@linkcode Tokens}. */
export interface TokensOptions extends Omit<TokenDependencies, "breaker" | "reporter" | "random"> {
  readonly store: TokenDependencies["store"] & {
    readonly accounts: Pick<AccountStore, "listUses">;
  };
  readonly microsoft:
    & TokenDependencies["microsoft"]
    & Pick<Microsoft, "hasRegistration" | "authority">;
  readonly alerts: Alerts;
  /** Default: `Math.random`. */
  readonly random?: Random;
  /** Called at the end of each renewal, for the metrics. */
  readonly observe?: (outcome: RenewalOutcome) => void;
  /** Default: {@linkcode LOADED_LIMIT}. */
  readonly loadedLimit?: number;
}

/**
 * Accounts whose tokens are in memory, about 4 kB each: as many as the logins that are known while the database fails.
 */
const LOADED_LIMIT = 10_000;
/** Accounts that are looked at to find one that can be unloaded: busy ones stay in memory, as if they were used last. */
const UNLOAD_CANDIDATES = 16;

/** Accounts that are looked at without a pause: some milliseconds at most. */
const PAGE_SIZE = 64;
/** Pause between two pages, in which connections are served. */
const PAUSE_MS = 1;
/** After a long stop, overdue renewals are done within this time. */
const ACTIVE_SPREAD_MS = 10 * SECOND_MS;
const DORMANT_SPREAD_MS = HOUR_MS;
/** Time between two rounds through all accounts. */
const ROUND_MS = 6 * HOUR_MS;
/** The same after a failure of the database. */
const RETRY_MS = MINUTE_MS;

/** Hands out access tokens, and keeps every account's sign-in alive in the background. */
export class Tokens implements TokenSource {
  readonly #options: TokensOptions;
  readonly #shared: TokenDependencies;
  /** Those whose tokens are in memory, the least recently used first. */
  readonly #accounts = new Map<string, AccountTokens>();
  /** All others that are in use, or whose renewal comes near. */
  readonly #queue: RenewalQueue;
  readonly #applications = new Map<string, ApplicationToken>();
  readonly #adoptionListeners: ((accountId: string) => void)[] = [];
  #nextRound: Timer | undefined;
  #stopped = false;

  constructor(options: TokensOptions) {
    const { microsoft, clock, random = Math.random } = options;
    const breaker = new CircuitBreaker(clock, random);
    const authority = microsoft.authority.origin;
    const reporter = new TokenReporter({ ...options, authority, breaker });
    this.#options = options;
    this.#shared = { ...options, random, breaker, reporter };
    this.#queue = new RenewalQueue(clock, (id, renewal) => this.#loadDue(id, renewal));
  }

  /**
   * Looks through all accounts, now and then several times a day, and renews the tokens of those that need it. Never
   * rejects: a database that fails becomes an alert. Resolves at the end of the first round. It takes ten seconds for a million
   * accounts, but blocks the event loop for some milliseconds at most.
   */
  async start(): Promise<void> {
    this.#dropIdle();
    const succeeded = await this.#lookThrough();
    if (this.#stopped) return;
    const delayMs = succeeded ? ROUND_MS : RETRY_MS;
    this.#nextRound = this.#options.clock.setTimer(delayMs, () => void this.start());
  }

  /** Starts no more renewals, except those that a login needs. */
  retire(): void {
    this.#stopped = true;
    this.#nextRound?.cancel();
    this.#queue.clear();
    for (const one of this.#all()) one.retire();
  }

  /** Stops renewing. Resolves when the renewals under way have been stored. */
  async stop(): Promise<void> {
    this.retire();
    await Promise.all(this.#all().map((one) => one.stop()));
    this.#accounts.clear();
    this.#applications.clear();
  }

  accessToken({ id, application }: Account, rejected?: string): Promise<string> {
    if (application) return this.#ofApplication(application).accessToken(rejected);
    const lastUsedAtMs = this.#queue.take(id)?.lastUsedAtMs;
    const account = this.#accounts.get(id) ??
      new AccountTokens(id, this.#shared, undefined, lastUsedAtMs);
    this.#noteUse(id, account);
    return account.accessToken(rejected);
  }

  /** Notes an account as the one that was used last, and unloads another one if there are too many. */
  #noteUse(id: string, account: AccountTokens): void {
    this.#accounts.delete(id);
    this.#accounts.set(id, account);
    const { loadedLimit = LOADED_LIMIT } = this.#options;
    if (this.#accounts.size <= loadedLimit) return;
    for (const [oldId, old] of [...this.#accounts.entries().take(UNLOAD_CANDIDATES)]) {
      if (old === account || this.#accounts.size <= loadedLimit) return;
      this.#accounts.delete(oldId);
      if (old.canUnload) this.#unload(oldId, old);
      else this.#accounts.set(oldId, old);
    }
  }

  #unload(id: string, account: AccountTokens): void {
    if (!this.#stopped) this.#queue.add(id, account.plannedRenewal);
    account.retire();
  }

  #loadDue(id: string, { lastUsedAtMs }: PlannedRenewal): void {
    const account = new AccountTokens(id, this.#shared, undefined, lastUsedAtMs);
    this.#noteUse(id, account);
    void account.start(0);
  }

  /** Adds a listener for accounts that have signed in again: connections with their former tokens are outdated. */
  onAdopted(listener: (accountId: string) => void): void {
    this.#adoptionListeners.push(listener);
  }

  /** Takes over the tokens that a sign-in has stored. */
  async adopt(account: AccountRecord): Promise<void> {
    for (const listener of this.#adoptionListeners) listener(account.id);
    this.#options.alerts.clearAccount(account.id);
    this.#warnOf(account);
    await this.#startAccount(account, account.signedInAtMs);
  }

  /** Forgets an account that was deleted. */
  async forget(accountId: string): Promise<void> {
    this.#options.alerts.clearAccount(accountId);
    const account = this.#accounts.get(accountId);
    this.#accounts.delete(accountId);
    this.#queue.take(accountId);
    await account?.stop();
  }

  /** Returns the state of an account's tokens; undefined: they were not needed lately, and nothing is due. */
  status(accountId: string): TokenStatus | undefined {
    const planned = this.#queue.get(accountId);
    return planned
      ? { state: "ok", nextRenewalAtMs: planned.dueAtMs }
      : this.#accounts.get(accountId)?.status;
  }

  /** Returns the state of the token that serves all app-only mailboxes of an application; undefined: none is in use. */
  applicationStatus(application: Application): TokenStatus | undefined {
    return this.#applications.get(tenantKey(application))?.status;
  }

  #all(): readonly (AccountTokens | ApplicationToken)[] {
    return [...this.#accounts.values(), ...this.#applications.values()];
  }

  #ofApplication({ clientId, tenantId }: Application): ApplicationToken {
    const application = { clientId, tenantId };
    const key = tenantKey(application);
    const token = this.#applications.get(key) ?? new ApplicationToken(application, this.#shared);
    this.#applications.set(key, token);
    return token;
  }

  /** Drops accounts that are not in use any more. */
  #dropIdle(): void {
    const nowMs = this.#options.clock.now();
    const nextRoundAtMs = nowMs + ROUND_MS;
    this.#queue.deleteIf(({ dueAtMs, lastUsedAtMs }) =>
      dueAtMs > nextRoundAtMs && !isActive(lastUsedAtMs, nowMs)
    );
    for (const [id, account] of this.#accounts) {
      if (!account.isIdleUntil(nextRoundAtMs)) continue;
      this.#accounts.delete(id);
      void account.stop();
    }
    for (const [key, application] of this.#applications) {
      if (!application.isIdle) continue;
      this.#applications.delete(key);
      void application.stop();
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
      this.#shared.reporter.unreadable(error);
      return false;
    }
  }

  /** @returns The last id of a full page: there may be more after it. */
  async #lookAtPage(afterId: string): Promise<string | undefined> {
    const page = await this.#options.store.accounts.listUses(afterId, PAGE_SIZE);
    for (const use of page) await this.#lookAt(use);
    return page[PAGE_SIZE - 1]?.account.id;
  }

  /** Other processes, such as the command line, add accounts as well: their tokens must not expire. */
  async #lookAt({ account, lastLoginAtMs = 0 }: AccountUse): Promise<void> {
    this.#warnOf(account);
    const isKnown = this.#accounts.has(account.id) || this.#queue.get(account.id);
    if (account.state === "sign-in-required" || isKnown) return;
    const nowMs = this.#options.clock.now();
    const lastUsedAtMs = Math.max(account.signedInAtMs, lastLoginAtMs);
    if (account.appOnly) {
      if (isActive(lastUsedAtMs, nowMs)) {
        this.#ofApplication(account).keepReady(lastUsedAtMs, ACTIVE_SPREAD_MS);
      }
      return;
    }
    const isDue = earliestDormantRenewalAtMs(account.refreshedAtMs) <= nowMs + ROUND_MS;
    if (isDue || isActive(lastUsedAtMs, nowMs)) await this.#startAccount(account, lastUsedAtMs);
  }

  async #startAccount(account: AccountRecord, lastUsedAtMs: number): Promise<void> {
    const tokens = new AccountTokens(account.id, this.#shared, account, lastUsedAtMs);
    const former = this.#accounts.get(account.id);
    this.#queue.take(account.id);
    this.#noteUse(account.id, tokens);
    await former?.stop();
    const active = isActive(lastUsedAtMs, this.#options.clock.now());
    await tokens.start(active ? ACTIVE_SPREAD_MS : DORMANT_SPREAD_MS);
  }

  /** Raises the alerts about an account that cannot send, before anyone uses it. */
  #warnOf(account: AccountRecord): void {
    const { reporter } = this.#shared;
    if (account.state === "sign-in-required") reporter.warnOfSignIn(account, account.stateReason);
    else if (!this.#options.microsoft.hasRegistration(account.clientId)) {
      reporter.registrationRefused(account, missingRegistration(account.clientId));
    }
  }
}
