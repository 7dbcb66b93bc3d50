/**
 * The access token of an app registration in one organisation: it serves all app-only mailboxes there.
 *
 * @module
 */
import { type Application, withinMs } from "../../smtp/mod.ts";
import type { Timer } from "../base/mod.ts";
import { MicrosoftError } from "../microsoft/mod.ts";
import {
  delayed,
  OWN_LIMITS,
  TOKEN_TIMEOUT_MS,
  type TokenDependencies,
  type TokenStatus,
  usableToken,
} from "./access_token.ts";
import { claimRenewal, releaseLease, SAVE_INTERVAL_MS } from "./lease.ts";
import { type AccessToken, RenewalSchedule } from "./renewal_schedule.ts";

/** Fetches, keeps and renews one application's token. */
export class ApplicationToken {
  readonly #application: Application;
  readonly #options: TokenDependencies;
  readonly #schedule: RenewalSchedule;
  #token: AccessToken | undefined;
  /** Version of the token in the database; 0: there is none. */
  #version = 0;
  #lastError: unknown;
  #renewal: Promise<void> | undefined;
  #nextStore: Timer | undefined;

  constructor(application: Application, options: TokenDependencies) {
    this.#application = application;
    this.#options = options;
    const { clock, random } = options;
    this.#schedule = new RenewalSchedule(clock, random, 0, () => void this.#renew());
  }

  get status(): TokenStatus {
    return {
      state: this.#lastError === undefined ? "ok" : "delayed",
      error: this.#lastError,
      accessTokenExpiresAtMs: this.#token?.accessTokenExpiresAtMs,
      nextRenewalAtMs: this.#schedule.nextAtMs,
    };
  }

  /** Whether no mailbox is in use, and nothing is under way. */
  get isIdle(): boolean {
    return !this.#schedule.isActive && this.#renewal === undefined;
  }

  /** Starts renewing ahead of need, since one of the mailboxes is in use. @param spreadMs The first renewal comes within it. */
  keepReady(lastUsedAtMs: number, spreadMs: number): void {
    this.#schedule.noteUse(lastUsedAtMs);
    if (this.#schedule.nextAtMs === undefined) this.#plan(spreadMs);
  }

  /** See `TokenSource` in `smtp/backend.ts`. */
  async accessToken(rejected?: string): Promise<string> {
    if (this.#schedule.noteUse()) this.#plan(0);
    let token = this.#usable("fresh", rejected);
    if (token === undefined) {
      await withinMs(this.#options.clock, TOKEN_TIMEOUT_MS, this.#renew());
      token = this.#usable("stale", rejected);
    }
    if (token !== undefined) return token;
    throw delayed(this.#lastError);
  }

  /** Stops renewing ahead of need. */
  retire(): void {
    this.#schedule.stop();
  }

  /** Stops renewing. Resolves when the request under way has ended. */
  async stop(): Promise<void> {
    this.retire();
    await this.#renewal;
    this.#nextStore?.cancel();
  }

  /** Renews the token, unless a renewal is under way or has just failed. Never rejects. */
  #renew(): Promise<void> {
    const { reporter } = this.#options;
    return this.#renewal ??= this.#tryToRenew()
      .catch((error) => reporter.unexpected(error))
      .finally(() => {
        this.#renewal = undefined;
        this.#plan();
      });
  }

  async #tryToRenew(): Promise<void> {
    if (this.#schedule.isPausing) return;
    const { microsoft, breaker, clock, reporter, valueLease } = this.#options;
    const application = this.#application;
    try {
      if (!await this.#claim()) return this.#succeed();
      const request = () => microsoft.applicationToken(application.clientId);
      const issued = await breaker.run(application, request);
      this.#token = { ...issued, obtainedAtMs: clock.now() };
      this.#succeed();
      reporter.applicationRenewed(application);
      await this.#store();
    } catch (error) {
      await releaseLease(valueLease, this.#name);
      this.#lastError = error;
      // After failures that concern more than this application, the circuit breaker pauses.
      const isOwn = error instanceof MicrosoftError && error.explanation.reach === "account";
      if (isOwn) this.#schedule.fail(OWN_LIMITS);
      reporter.applicationNotRenewed(application, error);
    }
  }

  #succeed(): void {
    this.#lastError = undefined;
    this.#schedule.succeed();
  }

  /** Names the token in the database. */
  get #name(): string {
    const { clientId, tenantId } = this.#application;
    return `application token ${clientId} ${tenantId}`;
  }

  /** Waits for the right to fetch a token; false if there is a good one that this process did not know. */
  async #claim(): Promise<boolean> {
    const { valueLease: lease, clock } = this.#options;
    if (!this.#token) {
      await this.#load();
      if (this.#usable("fresh", undefined) !== undefined) return false;
    }
    return !lease || await claimRenewal({
      ...{ lease, clock, id: this.#name },
      known: () => ({ version: this.#version, tokens: this.#token }),
      load: () => this.#load(),
    });
  }

  /** Reads the token of the database, unless ours lasts longer. A failure is no reason not to fetch one. */
  async #load(): Promise<void> {
    const { values, reporter } = this.#options;
    try {
      const stored = await values?.load(this.#name);
      if (!stored) return;
      this.#version = stored.version;
      const token = JSON.parse(stored.text) as AccessToken;
      const ownEndMs = this.#token?.accessTokenExpiresAtMs ?? 0;
      if (token.accessTokenExpiresAtMs > ownEndMs) this.#token = token;
    } catch (error) {
      reporter.unreadable(error);
    }
  }

  /** Stores the token, now or later. It is of use even when that fails. */
  async #store(): Promise<void> {
    const { values, reporter, clock } = this.#options;
    this.#nextStore?.cancel();
    if (!values) return;
    try {
      const text = JSON.stringify(this.#token);
      if (await values.replace(this.#name, text, this.#version)) this.#version++;
      else await this.#load();
      reporter.stored();
    } catch (error) {
      reporter.storeFailed(error);
      this.#nextStore = clock.setTimer(SAVE_INTERVAL_MS, () => void this.#store());
    }
  }

  #plan(spreadMs?: number): void {
    if (!this.#schedule.isActive) return this.#schedule.plan(undefined, 0);
    const retryAtMs = this.#options.breaker.retryAtMs(this.#application);
    this.#schedule.plan({ refreshedAtMs: 0, tokens: this.#token }, retryAtMs, spreadMs);
  }

  /** The token in memory, if it is good enough. One that a mailbox rejects may be good for the others. */
  #usable(least: "fresh" | "stale", rejected: string | undefined): string | undefined {
    const token = this.#token;
    const wanted = { least, rejected, nowMs: this.#options.clock.now() };
    return token && usableToken(token, token.obtainedAtMs, wanted);
  }
}
