/**
 * Deliveries, kept for their owner's activity page.
 *
 * @module
 */
import type { Config } from "../config/mod.ts";
import type { DeliveryStore, NewDelivery } from "../store/mod.ts";
import type { Delivery, Observer } from "../../smtp/mod.ts";

/** What the record needs. */
export interface DeliveryRecordOptions {
  readonly deliveries: Pick<DeliveryStore, "record">;
  /** How much of the recipients' addresses may be kept. */
  readonly recipients: Config["activity"]["recipients"];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when a delivery can't be kept. */
  readonly onError: (error: unknown) => void;
}

/** Keeps each delivery. */
export function recordDeliveries(options: DeliveryRecordOptions): Observer {
  return (event) => {
    if (event.type !== "delivery") return;
    options.deliveries.record(toRecord(event.delivery, options)).catch(options.onError);
  };
}

const SHOWN: Readonly<
  Record<Config["activity"]["recipients"], (path: string) => string | undefined>
> = {
  none: () => undefined,
  domains: (path) => path.slice(path.lastIndexOf("@")),
  full: (path) => path,
};

function toRecord(delivery: Delivery, { recipients, now }: DeliveryRecordOptions): NewDelivery {
  const shown = delivery.recipients.map(SHOWN[recipients]).filter((path) => path !== undefined);
  return {
    atMs: now(),
    accountId: delivery.account.id,
    appPasswordId: delivery.account.appPasswordId,
    clientAddress: delivery.client.address,
    sender: delivery.reversePath,
    recipientCount: delivery.recipients.length,
    recipients: recipients === "none" ? null : [...new Set(shown)].join(", "),
    sizeOctets: delivery.octetCount,
    durationMs: delivery.durationMs,
    reply: delivery.reply === undefined ? null : String(delivery.reply),
    queueId: delivery.reply === undefined ? null : queueIdOf(delivery.reply.text),
    outcome: delivery.outcome,
  };
}

/**
 * The upstream's name for an accepted message: `OK <id@host> [Hostname=…]` of Microsoft, `queued as id` of others.
 *
 * @returns null when the text names none.
 */
export function queueIdOf(text: string): string | null {
  const found = /<([^<>\s]+)>|queued as (\S+)/i.exec(text);
  return found?.[1] ?? found?.[2] ?? null;
}
