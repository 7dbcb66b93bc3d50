/**
 * A sign-in under way: the browser carries it, sealed, from our page to Microsoft and back.
 *
 * @module
 */
import * as oauth from "oauth4webapi";
import { type Clock, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { SealedCookie } from "../http/mod.ts";
import type { AuthorizationRequest } from "../microsoft/mod.ts";
import type { Secrets } from "../crypto/mod.ts";

/** A sign-in that is under way. */
export interface Transaction extends AuthorizationRequest {
  /** Path on this site to go to afterwards. */
  readonly returnTo: string;
  readonly startedAtMs: number;
}

/** The parts that are known when it begins; the rest is random. */
export type NewTransaction = Omit<
  Transaction,
  "state" | "nonce" | "codeVerifier" | "startedAtMs"
>;

/** The reason why a callback has no transaction: no (genuine) cookie, too late, a state that is not ours, a used one. */
export type TransactionProblem = "missing" | "expired" | "foreign" | "used";

const LIFETIME_MS = 10 * MINUTE_MS;

/** Starts and ends transactions. Nothing is kept on the server but the states that were used. */
export class Transactions {
  readonly #clock: Pick<Clock, "now">;
  readonly #cookie: SealedCookie;
  /** States that have come back, and when they may be forgotten: when every transaction of their time has expired. */
  readonly #used = new Map<string, number>();

  constructor(cookieName: string, secrets: Secrets, clock: Pick<Clock, "now">) {
    this.#clock = clock;
    this.#cookie = new SealedCookie(`${cookieName}-sign-in`, "sign-in", secrets);
  }

  /** Starts one. Returns it with its `Set-Cookie` value. */
  begin(request: NewTransaction): { transaction: Transaction; setCookie: string } {
    const transaction = {
      ...request,
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      codeVerifier: oauth.generateRandomCodeVerifier(),
      startedAtMs: this.#clock.now(),
    };
    const content = new TextEncoder().encode(JSON.stringify(transaction));
    const setCookie = this.#cookie.set(content, LIFETIME_MS / SECOND_MS, isSecure(transaction));
    return { transaction, setCookie };
  }

  /** Returns the transaction that this callback ends. Each one ends once. */
  end(callback: URL, cookieHeader: string | null): Transaction | TransactionProblem {
    const content = this.#cookie.read(cookieHeader);
    if (!content) return "missing";
    const transaction = JSON.parse(new TextDecoder().decode(content)) as Transaction;
    const expiresAtMs = transaction.startedAtMs + LIFETIME_MS;
    if (this.#clock.now() >= expiresAtMs) return "expired";
    if (callback.searchParams.get("state") !== transaction.state) return "foreign";
    if (this.#used.has(transaction.state)) return "used";
    this.#forgetExpired();
    this.#used.set(transaction.state, this.#clock.now() + LIFETIME_MS);
    return transaction;
  }

  /** Returns the `Set-Cookie` value that clears it. */
  clear(secure: boolean): string {
    return this.#cookie.clear(secure);
  }

  /** The oldest come first, so that each is looked at once. */
  #forgetExpired(): void {
    const nowMs = this.#clock.now();
    for (const [state, expiresAtMs] of this.#used) {
      if (expiresAtMs > nowMs) return;
      this.#used.delete(state);
    }
  }
}

/** Whether the browser speaks HTTPS with us. */
export function isSecure({ redirectUri }: Pick<Transaction, "redirectUri">): boolean {
  return redirectUri.startsWith("https:");
}
