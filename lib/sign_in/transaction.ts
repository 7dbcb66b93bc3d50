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

/** Sign-ins that one browser may have under way, in as many tabs. Each is a cookie of about 600 octets. */
const SLOTS = ["", "-2", "-3"];

/** A transaction and the cookie that has it. */
interface Slot {
  readonly cookie: SealedCookie;
  readonly transaction?: Transaction;
}

/** Starts and ends transactions. Nothing is kept on the server but the states that were used. */
export class Transactions {
  readonly #clock: Pick<Clock, "now">;
  readonly #cookies: readonly SealedCookie[];
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
    this.#cookies = SLOTS.map((slot) =>
      new SealedCookie(`${cookieName}-sign-in${slot}`, "sign-in", secrets)
    );
  }

  /**
   * Starts one. Returns it with its `Set-Cookie` value.
   *
   * @param cookieHeader The request's `Cookie` header: sign-ins in other tabs go on, unless there are too many.
   */
  begin(
    request: NewTransaction,
    cookieHeader: string | null,
  ): { transaction: Transaction; setCookie: string } {
    const transaction = {
      ...request,
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      codeVerifier: oauth.generateRandomCodeVerifier(),
      startedAtMs: this.#clock.now(),
    };
    const content = new TextEncoder().encode(JSON.stringify(transaction));
    const [{ cookie }] = this.#slots(cookieHeader)
      .toSorted((one, other) => startOf(one) - startOf(other)) as [Slot];
    const setCookie = cookie.set(content, LIFETIME_MS / SECOND_MS, isSecure(transaction));
    return { transaction, setCookie };
  }

  /** Returns the transaction to which this callback belongs. */
  find(callback: URL, cookieHeader: string | null): Transaction | TransactionProblem {
    const known = this.#slots(cookieHeader).flatMap(({ transaction }) => transaction ?? []);
    if (known.length === 0) return "missing";
    const state = callback.searchParams.get("state");
    const transaction = known.find((one) => one.state === state);
    if (!transaction) return "foreign";
    return this.#clock.now() >= transaction.startedAtMs + LIFETIME_MS ? "expired" : transaction;
  }

  /** Notes that a transaction has had its answer; false if it has had one before. */
  async use({ state }: Transaction): Promise<boolean> {
    // Every transaction of its time has expired by then.
    const nowMs = this.#clock.now();
    return await this.#used.use(state, nowMs, nowMs + LIFETIME_MS);
  }

  /** Returns the `Set-Cookie` value that clears the cookie of a transaction. */
  clear(transaction: Transaction, cookieHeader: string | null): string {
    const { state } = transaction;
    const slot = this.#slots(cookieHeader).find((one) => one.transaction?.state === state);
    return (slot?.cookie ?? this.#cookies[0]!).clear(isSecure(transaction));
  }

  #slots(cookieHeader: string | null): readonly Slot[] {
    return this.#cookies.map((cookie) => {
      const content = cookie.read(cookieHeader);
      return { cookie, transaction: content && JSON.parse(new TextDecoder().decode(content)) };
    });
  }
}

/** An empty slot comes first; then the oldest sign-in makes room for the new one. */
function startOf({ transaction }: Slot): number {
  return transaction?.startedAtMs ?? 0;
}

/** Whether the browser speaks HTTPS with us. */
export function isSecure({ redirectUri }: Pick<Transaction, "redirectUri">): boolean {
  return redirectUri.startsWith("https:");
}
