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
  /** The token of the invitation by which the person has come. */
  readonly invitation?: string;
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

/** The states that have come back. */
export interface UsedSignIns {
  /** Notes a state as used; false if it was used already. @param expiresAtMs It may be forgotten from then on. */
  use(state: string, nowMs: number, expiresAtMs: number): boolean | Promise<boolean>;
}

/** The states that have come back to this process. */
class OwnUsedSignIns implements UsedSignIns {
  readonly #expiries = new Map<string, number>();

  use(state: string, nowMs: number, expiresAtMs: number): boolean {
    if (this.#expiries.has(state)) return false;
    this.#forgetExpired(nowMs);
    this.#expiries.set(state, expiresAtMs);
    return true;
  }

  /** The oldest come first, so that each is looked at once. */
  #forgetExpired(nowMs: number): void {
    for (const [state, expiresAtMs] of this.#expiries) {
      if (expiresAtMs > nowMs) return;
      this.#expiries.delete(state);
    }
  }
}

/** Starts and ends transactions. Nothing is kept on the server but the states that were used. */
export class Transactions {
  readonly #clock: Pick<Clock, "now">;
  readonly #cookie: SealedCookie;
  readonly #used: UsedSignIns;

  /** @param used Default: this process is the only one. */
  constructor(
    cookieName: string,
    secrets: Secrets,
    clock: Pick<Clock, "now">,
    used: UsedSignIns = new OwnUsedSignIns(),
  ) {
    this.#used = used;
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
  async end(
    callback: URL,
    cookieHeader: string | null,
  ): Promise<Transaction | TransactionProblem> {
    const content = this.#cookie.read(cookieHeader);
    if (!content) return "missing";
    const transaction = JSON.parse(new TextDecoder().decode(content)) as Transaction;
    const expiresAtMs = transaction.startedAtMs + LIFETIME_MS;
    if (this.#clock.now() >= expiresAtMs) return "expired";
    if (callback.searchParams.get("state") !== transaction.state) return "foreign";
    // Every transaction of its time has expired by then.
    const nowMs = this.#clock.now();
    const isFirst = await this.#used.use(transaction.state, nowMs, nowMs + LIFETIME_MS);
    return isFirst ? transaction : "used";
  }

  /** Returns the `Set-Cookie` value that clears it. */
  clear(secure: boolean): string {
    return this.#cookie.clear(secure);
  }
}

/** Whether the browser speaks HTTPS with us. */
export function isSecure({ redirectUri }: Pick<Transaction, "redirectUri">): boolean {
  return redirectUri.startsWith("https:");
}
