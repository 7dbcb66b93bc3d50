/**
 * What is done once a day: forgetting what is old, and looking after accounts that a command has added meanwhile.
 *
 * @module
 */
import { type Clock, DAY_MS, type Timer } from "./clock.ts";
import { errorText } from "./error_text.ts";
import { getLogger } from "./log.ts";
import type { AccountStore, DeliveryStore, WebSessionStore } from "./store/store.ts";
import type { Tokens } from "./tokens.ts";

/** What {@linkcode Housekeeping} needs. */
export interface HousekeepingOptions {
  readonly store: {
    readonly accounts: Pick<AccountStore, "list">;
    readonly deliveries: Pick<DeliveryStore, "deleteBefore">;
    readonly webSessions: Pick<WebSessionStore, "deleteExpired">;
  };
  readonly tokens: Pick<Tokens, "status" | "adopt">;
  readonly clock: Clock;
  /** `ACTIVITY_RETENTION_DAYS`. */
  readonly retentionDays: number;
}

/** Accounts that are read at a time. */
const PAGE_SIZE = 500;

const log = getLogger("housekeeping");

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #timer: Timer | undefined;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  /** Does it now, and then once a day. Resolves when the first time is over; never rejects. */
  async start(): Promise<void> {
    await this.#run();
    this.#timer = this.#options.clock.setTimer(DAY_MS, () => void this.start());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  async #run(): Promise<void> {
    const { store, clock, retentionDays } = this.#options;
    const nowMs = clock.now();
    try {
      const deliveries = await store.deliveries.deleteBefore(nowMs - retentionDays * DAY_MS);
      const webSessions = await store.webSessions.deleteExpired(nowMs);
      const adopted = await this.#adoptAccounts();
      log.info("housekeeping done", {
        deletedDeliveries: deliveries,
        deletedWebSessions: webSessions,
        newAccounts: adopted,
      });
    } catch (error) {
      log.error("housekeeping failed, will be tried again tomorrow", { error: errorText(error) });
    }
  }

  /** An account that `account add` or `account import` made while the server ran has to be renewed, too. */
  async #adoptAccounts(): Promise<number> {
    const { store, tokens } = this.#options;
    let adopted = 0;
    for (let offset = 0;; offset += PAGE_SIZE) {
      const page = await store.accounts.list({ limit: PAGE_SIZE, offset });
      for (const account of page.filter(({ id }) => tokens.status(id) === undefined)) {
        await tokens.adopt(account);
        adopted++;
      }
      if (page.length < PAGE_SIZE) return adopted;
    }
  }
}
