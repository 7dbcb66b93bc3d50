/**
 * Access tokens for the submission server: kept in memory, renewed ahead of need, one request in flight per account.
 *
 * @module
 */
import type { Account, TokenSource } from "../smtp/backend.ts";
import type { Alerts } from "./alerts.ts";
import { type Clock, HOUR_MS, SECOND_MS, type Timer } from "./clock.ts";
import type { Microsoft } from "./microsoft.ts";
import { missingRegistration } from "./microsoft/errors.ts";
import type { AccountRecord, AccountStore, AppPasswordStore, TokenStore } from "./store/store.ts";
import type { TokenVault } from "./store/token_vault.ts";
import { AccountTokens, type TokenContext, type TokenStatus } from "./tokens/account_tokens.ts";
import { Gate } from "./tokens/gate.ts";
import { KeptTokens } from "./tokens/kept_tokens.ts";
import { type RenewalOutcome, TokenReporter } from "./tokens/reporter.ts";
import { isActive, type Random } from "./tokens/timing.ts";

export type { RenewalOutcome, TokenStatus };

/** What {@linkcode Tokens} needs. */
export interface TokensOptions {
  readonly store: {
    readonly accounts: Pick<AccountStore, "get" | "list">;
    readonly tokens: Pick<TokenStore, "requireSignIn">;
    readonly appPasswords: Pick<AppPasswordStore, "list">;
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

/** Accounts that are read at a time at the start. */
const PAGE_SIZE = 500;
/** After a long stop, renewals that are overdue are done within this time. */
const ACTIVE_SPREAD_MS = 10 * SECOND_MS;
const DORMANT_SPREAD_MS = HOUR_MS;
/** How often accounts are looked for that other processes have added. */
const SCAN_INTERVAL_MS = 12 * HOUR_MS;

/** Gives access tokens, and keeps every account's sign-in alive in the background. */
export class Tokens implements TokenSource {
  readonly #options: TokensOptions;
  readonly #context: TokenContext;
  readonly #accounts = new Map<string, AccountTokens>();
  readonly #gates = new Map<string, Gate>();
  readonly #adoptionListeners: ((accountId: string) => void)[] = [];
  #scan: Timer | undefined;
  #stopped = false;

  constructor(options: TokensOptions) {
    this.#options = options;
    const { microsoft, clock, alerts, observe, publicUrl, random = Math.random } = options;
    const gate = (clientId: string) => this.#gate(clientId, random);
    const authority = microsoft.authority.origin;
    const reporter = new TokenReporter({ alerts, clock, authority, observe, gate });
    this.#context = { microsoft, clock, random, reporter, publicUrl, gate };
  }

  /** Reads the accounts and begins to renew their tokens. @throws {StoreError} */
  async start(): Promise<void> {
    await this.#startNewAccounts();
    this.#scanLater();
  }

  /** Stops renewing. Resolves when the renewals under way have been stored. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#scan?.cancel();
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
    await this.#startAccount(account);
  }

  /** Lets go of an account that was deleted. */
  async forget(accountId: string): Promise<void> {
    this.#options.alerts.clearAccount(accountId);
    const account = this.#accounts.get(accountId);
    this.#accounts.delete(accountId);
    await account?.stop();
  }

  /** How an account's tokens are doing; undefined: nobody has asked for them since the start. */
  status(accountId: string): TokenStatus | undefined {
    return this.#accounts.get(accountId)?.status;
  }

  /** Other processes, such as the command line, add accounts as well: those must not be left to die. */
  #scanLater(): void {
    if (this.#stopped) return;
    this.#scan = this.#options.clock.setTimer(SCAN_INTERVAL_MS, () => {
      this.#startNewAccounts()
        .catch((error) => this.#context.reporter.unreadable(error))
        .finally(() => this.#scanLater());
    });
  }

  async #startNewAccounts(): Promise<void> {
    const { store } = this.#options;
    for (let offset = 0; !this.#stopped; offset += PAGE_SIZE) {
      const page = await store.accounts.list({ limit: PAGE_SIZE, offset });
      for (const account of page) {
        if (!this.#accounts.has(account.id)) await this.#startAccount(account);
      }
      if (page.length < PAGE_SIZE) return;
    }
  }

  async #startAccount(account: AccountRecord): Promise<void> {
    this.#warnOf(account);
    const lastUsedAtMs = await this.#lastUsedAtMs(account);
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

  async #lastUsedAtMs(account: AccountRecord): Promise<number> {
    const appPasswords = await this.#options.store.appPasswords.list(account.id);
    const uses = appPasswords.map(({ lastUsedAtMs }) => lastUsedAtMs ?? 0);
    return Math.max(account.signedInAtMs, ...uses);
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
