/**
 * The record of deliveries for their owner's activity page.
 *
 * @module
 */
import type { Config } from "../config/mod.ts";
import type { DeliveryStore, NewDelivery } from "../store/mod.ts";
import type { Delivery, Observer } from "../../smtp/mod.ts";

/** The dependencies of {@linkcode recordDeliveries}. */
export interface DeliveryRecordOptions {
  readonly deliveries: Pick<DeliveryStore, "record">;
  /** How much of the recipients' addresses may be kept. */
  readonly recipients: Config["activity"]["recipients"];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Called when a delivery can't be recorded. */
  readonly onError: (error: unknown) => void;
}

/** Returns an observer that records each delivery. */
export function recordDeliveries(options: DeliveryRecordOptions): Observer {
  return (event) => {
    if (event.type !== "delivery") return;
    options.deliveries.record(toRecord(event.delivery, options)).catch(options.onError);
  };
}

const SHOWN: Readonly<
  Record<Exclude<Config["activity"]["recipients"], "none">, (path: string) => string>
> = {
  domains: (path) => path.slice(path.lastIndexOf("@")),
  full: (path) => path,
};

function toRecord(delivery: Delivery, { recipients, now }: DeliveryRecordOptions): NewDelivery {
  const { account, client, reply } = delivery;
  return {
    atMs: now(),
    accountId: account.id,
    appPasswordId: account.appPasswordId,
    clientAddress: client.address,
    sender: delivery.reversePath,
    recipientCount: delivery.recipients.length,
    recipients: recipients === "none"
      ? undefined
      : [...new Set(delivery.recipients.map(SHOWN[recipients]))].join(", "),
    sizeOctets: delivery.octetCount,
    durationMs: delivery.durationMs,
    reply: reply && String(reply),
    queueId: reply && queueIdOf(reply.text),
    outcome: delivery.outcome,
  };
}

/** Returns the upstream's id of an accepted message: `OK <id@host> [Hostname=…]` of Microsoft, `queued as id` of others. */
export function queueIdOf(text: string): string | undefined {
  const found = /<([^<>\s]+)>|queued as (\S+)/i.exec(text);
  return found?.[1] ?? found?.[2];
}
