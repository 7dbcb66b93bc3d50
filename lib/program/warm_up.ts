/**
 * Signs in mailboxes that have sent recently, so that messages are not delayed after a restart.
 *
 * @module
 */
import { type Account, LoginError } from "../../smtp/mod.ts";
import type { Accounts } from "../accounts/mod.ts";
import { type Clock, DAY_MS, errorText, MINUTE_MS, pause } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";
import type { SignUpPolicy } from "../sign_in/mod.ts";
import type { AccountRecord, AccountStore, DeliveryStore, MarkStore } from "../store/mod.ts";

/** Dependencies of {@linkcode WarmUp}. */
export interface WarmUpOptions {
  readonly store: {
    readonly deliveries: Pick<DeliveryStore, "list">;
    readonly accounts: Pick<AccountStore, "get">;
    /** Absent: replicas share the database. Each would take the others' connections to mailboxes, so none signs in ahead. */
    readonly marks?: MarkStore;
  };
  readonly accounts: Pick<Accounts, "smtpAccount">;
  readonly signUpPolicy: Pick<SignUpPolicy, "refusal">;
  /** Signs an account in at the submission server. */
  readonly prepare: (account: Account) => Promise<void>;
  readonly clock: Clock;
}

/** The mailboxes that have sent last come first. */
const MAX_MAILBOXES = 64;
/** A mailbox that has not sent for longer is not expected to send now. */
const LATELY_MS = DAY_MS;
/** A program that restarts again and again does not sign in each time. */
const PAUSE_BETWEEN_MS = 2 * MINUTE_MS;
const AT_ONCE = 3;
/** The pause after each sign-in: together at most 15 sign-ins a second. */
const GAP_MS = 200;
/** After so many failures that are not specific to a mailbox, the submission server is left alone. */
const MAX_TROUBLES = 3;
/** The number of deliveries that are read without a pause. */
const PAGE_ROWS = 100;
const MAX_PAGES = 20;

const log = getLogger("main");

/** Signs mailboxes in once, after a start. */
export class WarmUp {
  readonly #options: WarmUpOptions;
  #readyCount = 0;
  #troubleCount = 0;
  #stopped = false;

  constructor(options: WarmUpOptions) {
    this.#options = options;
  }

  /** Resolves when all are signed in; never rejects. */
  async start(): Promise<void> {
    const { store: { marks }, clock } = this.#options;
    try {
      const ids = marks ? await this.#senders() : [];
      if (ids.length === 0 || !await marks?.claim("warm-up", clock.now(), PAUSE_BETWEEN_MS)) return;
      const waiting = ids.values();
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.#work(waiting)));
      log.info("signed in ahead", { mailboxes: this.#readyCount, of: ids.length });
    } catch (error) {
      log.warning("no mailbox is signed in ahead", { error: errorText(error) });
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Returns the ids of the accounts that have sent recently. */
  async #senders(): Promise<readonly string[]> {
    const { store: { deliveries }, clock } = this.#options;
    const sinceMs = clock.now() - LATELY_MS;
    const ids = new Set<string>();
    let beforeId: number | undefined;
    for (let page = 0; page < MAX_PAGES && ids.size < MAX_MAILBOXES; page++) {
      const query = { stage: "data", outcome: "accepted", sinceMs, beforeId } as const;
      const rows = await deliveries.list({ ...query, limit: PAGE_ROWS });
      for (const { accountId } of rows) ids.add(accountId);
      beforeId = rows[PAGE_ROWS - 1]?.id;
      if (beforeId === undefined) break;
      await pause(clock, 1);
    }
    return [...ids].slice(0, MAX_MAILBOXES);
  }

  async #work(waiting: Iterable<string>): Promise<void> {
    for (const id of waiting) {
      if (this.#stopped || this.#troubleCount >= MAX_TROUBLES) return;
      const account = await this.#options.store.accounts.get(id);
      if (!account || !this.#mayTry(account)) continue;
      await this.#prepare(account);
      await pause(this.#options.clock, GAP_MS);
    }
  }

  /** Accounts that were refused are tried again when their owners send. */
  #mayTry(account: AccountRecord): boolean {
    return account.state === "active" && !this.#options.signUpPolicy.refusal(account);
  }

  async #prepare(account: AccountRecord): Promise<void> {
    try {
      await this.#options.prepare(this.#options.accounts.smtpAccount(account));
      this.#readyCount++;
    } catch (error) {
      const isOwn = error instanceof LoginError && error.failure !== "temporary";
      if (!isOwn) this.#troubleCount++;
      log.debug("not signed in ahead", { account: account.id, error: errorText(error) });
    }
  }
}
