/**
 * The daily number of messages of app passwords.
 *
 * The count is what the record of deliveries has for the last 24 hours, and this process's transactions that are not recorded
 * yet: so a restart forgets nothing, and several processes count together.
 *
 * @module
 */
import { type Account, type Allowance, Reply, SmtpError } from "../../smtp/mod.ts";
import { type Clock, DAY_MS } from "../base/mod.ts";
import type { DeliveryStore } from "../store/mod.ts";

const NOT_KNOWN = new Reply(451, "4.3.0", "Local error, try again later");

/** Counts each recipient of a message as one: a message to ten people counts ten times, as it does at Microsoft. */
export class DailyAllowance implements Allowance {
  readonly #deliveries: Pick<DeliveryStore, "countSent">;
  readonly #clock: Pick<Clock, "now">;
  /** Recipients of transactions in progress, by app password. */
  readonly #reserved = new Map<string, number>();

  constructor(deliveries: Pick<DeliveryStore, "countSent">, clock: Pick<Clock, "now">) {
    this.#deliveries = deliveries;
    this.#clock = clock;
  }

  /** @throws {SmtpError} 451 4.3.0 when the database fails. */
  async reserve({ appPasswordId: id, dailyLimit }: Account, wanted: number): Promise<number> {
    if (dailyLimit === undefined) return wanted;
    const sent = await this.#sent(id);
    const reserved = this.#reserved.get(id) ?? 0;
    const granted = Math.max(0, Math.min(wanted, dailyLimit - sent - reserved));
    if (granted > 0) this.#reserved.set(id, reserved + granted);
    return granted;
  }

  release({ appPasswordId: id }: Account, count: number): void {
    const rest = (this.#reserved.get(id) ?? 0) - count;
    if (rest > 0) this.#reserved.set(id, rest);
    else this.#reserved.delete(id);
  }

  async #sent(appPasswordId: string): Promise<number> {
    try {
      return await this.#deliveries.countSent(appPasswordId, this.#clock.now() - DAY_MS);
    } catch (cause) {
      throw new SmtpError(NOT_KNOWN, { cause });
    }
  }
}
