/**
 * Daily housekeeping: deletes old records, and checks the database for damage.
 *
 * @module
 */
import type { Alerts } from "../alerts/mod.ts";
import { type Clock, DAY_MS, errorText, pause, type Timer } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";
import type {
  AdminGrantStore,
  AuditStore,
  DeliveryStore,
  InvitationStore,
  Store,
  WebSessionStore,
} from "../store/mod.ts";

/** Dependencies of {@linkcode Housekeeping}. */
interface HousekeepingOptions {
  readonly store: Pick<Store, "verify"> & {
    readonly deliveries: Pick<DeliveryStore, "deleteBefore">;
    readonly webSessions: Pick<WebSessionStore, "deleteExpired">;
    readonly adminGrants: Pick<AdminGrantStore, "deleteExpired">;
    readonly audit: Pick<AuditStore, "deleteBefore">;
    readonly invitations: Pick<InvitationStore, "deleteExpired">;
  };
  readonly alerts: Pick<Alerts, "raise" | "clear">;
  readonly clock: Clock;
  /** `ACTIVITY_RETENTION_DAYS`. */
  readonly retentionDays: number;
}

/** The number of rows that are deleted without a pause, which takes some milliseconds. */
const SLICE_ROWS = 200;
/** The pause between two slices, in which other work is done. */
const PAUSE_MS = 1;

/** Subject of the alert. */
const DATABASE_FILE = "database file";

const log = getLogger("housekeeping");

/** Does the daily work. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  /** Does the work now, and then once a day. Resolves after the first time, which can take a while; never rejects. */
  async start(): Promise<void> {
    await this.#deleteOld();
    await this.#verify();
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimer(DAY_MS, () => void this.start());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #deleteOld(): Promise<void> {
    const { store, clock, retentionDays } = this.#options;
    const { webSessions, adminGrants, audit, invitations } = store;
    const nowMs = clock.now();
    try {
      const deletedWebSessions = await webSessions.deleteExpired(nowMs);
      await adminGrants.deleteExpired(nowMs);
      await invitations.deleteExpired(nowMs);
      const beforeMs = nowMs - retentionDays * DAY_MS;
      await audit.deleteBefore(beforeMs);
      const deletedDeliveries = await this.#deleteDeliveries(beforeMs);
      log.info("housekeeping done", { deletedDeliveries, deletedWebSessions });
    } catch (error) {
      log.error("housekeeping failed, next try tomorrow", { error: errorText(error) });
    }
  }

  /** Deletes in slices, since there can be millions of rows. */
  async #deleteDeliveries(beforeMs: number): Promise<number> {
    const { store: { deliveries }, clock } = this.#options;
    let total = 0;
    for (;;) {
      const deleted = await deliveries.deleteBefore(beforeMs, SLICE_ROWS);
      total += deleted;
      if (deleted < SLICE_ROWS) return total;
      await pause(clock, PAUSE_MS);
      if (this.#stopped) return total;
    }
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
        text: `The check of the database for damage failed: ${errorText(error)}`,
        remedy: "If the file is damaged, stop the program, restore a backup, and check the disk.",
        fixer: "operator",
      });
    }
  }
}
