/**
 * What is done once a day: forgetting what is old, and looking for damage in the database.
 *
 * @module
 */
import type { Alerts } from "../alerts/mod.ts";
import { type Clock, DAY_MS, errorText, pause, type Timer } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";
import type { DeliveryStore, Store, WebSessionStore } from "../store/mod.ts";

/** What {@linkcode Housekeeping} needs. */
export interface HousekeepingOptions {
  readonly store: Pick<Store, "verify"> & {
    readonly deliveries: Pick<DeliveryStore, "deleteBefore">;
    readonly webSessions: Pick<WebSessionStore, "deleteExpired">;
  };
  readonly alerts: Pick<Alerts, "raise" | "clear">;
  readonly clock: Clock;
  /** `ACTIVITY_RETENTION_DAYS`. */
  readonly retentionDays: number;
}

/** Rows that are deleted without a pause: some milliseconds. */
const SLICE_ROWS = 200;
/** Between two slices, for others to work. */
const PAUSE_MS = 1;

/** Subject of the warning. */
const DATABASE_FILE = "database file";

const log = getLogger("housekeeping");

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  /** Does it now, and then once a day. Resolves when the first time is over, which may take a while; never rejects. */
  async start(): Promise<void> {
    await this.#forgetOld();
    await this.#verify();
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimer(DAY_MS, () => void this.start());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #forgetOld(): Promise<void> {
    const { store: { webSessions }, clock, retentionDays } = this.#options;
    const nowMs = clock.now();
    try {
      const deletedWebSessions = await webSessions.deleteExpired(nowMs);
      const deletedDeliveries = await this.#deleteDeliveries(nowMs - retentionDays * DAY_MS);
      log.info("housekeeping done", { deletedDeliveries, deletedWebSessions });
    } catch (error) {
      log.error("housekeeping failed, will be tried again tomorrow", { error: errorText(error) });
    }
  }

  /** There may be millions. */
  async #deleteDeliveries(beforeMs: number): Promise<number> {
    const { deliveries } = this.#options.store;
    let deleted = await deliveries.deleteBefore(beforeMs, SLICE_ROWS);
    let total = deleted;
    while (deleted === SLICE_ROWS) {
      await pause(this.#options.clock, PAUSE_MS);
      if (this.#stopped) break;
      deleted = await deliveries.deleteBefore(beforeMs, SLICE_ROWS);
      total += deleted;
    }
    return total;
  }

  async #verify(): Promise<void> {
    if (this.#stopped) return;
    const { store, alerts } = this.#options;
    try {
      await store.verify();
      alerts.clear("store-failing", DATABASE_FILE);
    } catch (error) {
      alerts.raise({
        kind: "store-failing",
        subject: DATABASE_FILE,
        text: `The search for damage in the database failed: ${errorText(error)}`,
        remedy:
          "Where the file is damaged, stop the program, restore a backup, and check the disk.",
        fixer: "operator",
      });
    }
  }
}
