/**
 * The record of transactions and refused logins for their owner's activity page.
 *
 * @module
 */
import { MINUTE_MS } from "../base/mod.ts";
import type { Config } from "../config/mod.ts";
import type { AccountRecord, AccountStore, DeliveryStore, NewDelivery } from "../store/mod.ts";
import type { Delivery, Observer, SmtpEvent } from "../../smtp/mod.ts";
import { causeIn, causeOf } from "./cause.ts";

/** The dependencies of {@linkcode recordActivity}. */
export interface ActivityRecordOptions {
  readonly accounts: Pick<AccountStore, "listByName">;
  readonly deliveries: Pick<DeliveryStore, "record" | "recordRefusedLogin">;
  /** How much of the recipients' addresses may be kept. */
  readonly recipients: Config["activity"]["recipients"];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Called when an event can't be recorded. */
  readonly onError: (error: unknown) => void;
}

type Login = Extract<SmtpEvent, { type: "login" }>;

/** Recipients' addresses that are kept for one transaction, which may have many. */
const KEPT_RECIPIENTS = 20;

/** Refused transactions of one account that are recorded in a minute: more would only fill the disk. */
const REFUSED_PER_MINUTE = 60;

/** Returns an observer that records each transaction, and refused logins of known accounts. */
export function recordActivity(options: ActivityRecordOptions): Observer {
  const { deliveries, onError, now } = options;
  const refused = new RefusedCounter();
  return (event) => {
    if (event.type === "delivery") {
      const { outcome, account } = event.delivery;
      if (outcome === "refused" && refused.add(account.id, now()) > REFUSED_PER_MINUTE) return;
      deliveries.record(toRecord(event.delivery, options)).catch(onError);
    } else if (event.type === "login" && event.failure !== undefined) {
      recordRefusedLogin(event, options).catch(onError);
    }
  };
}

/** Counts refused transactions by account, for a minute. */
class RefusedCounter {
  readonly #counts = new Map<string, number>();
  #endMs = 0;

  /** Counts one. @returns how many there are in this minute. */
  add(accountId: string, nowMs: number): number {
    if (nowMs >= this.#endMs || nowMs < this.#endMs - MINUTE_MS) {
      this.#counts.clear();
      this.#endMs = nowMs + MINUTE_MS;
    }
    const count = (this.#counts.get(accountId) ?? 0) + 1;
    this.#counts.set(accountId, count);
    return count;
  }
}

/** Nothing is recorded for unknown names: a stranger's guesses are nobody's activity. */
async function recordRefusedLogin(
  event: Login,
  { accounts, deliveries, now }: ActivityRecordOptions,
): Promise<void> {
  const { username, client, reply } = event;
  if (reply === undefined) return;
  const login = {
    atMs: now(),
    clientAddress: client.address,
    outcome: reply.transient ? "deferred" : "refused",
    reply: String(reply),
    cause: causeIn(event),
  } as const;
  for (const { id } of owners(await accounts.listByName(username.trim()))) {
    await deliveries.recordRefusedLogin({ ...login, accountId: id });
  }
}

/** Somebody in another tenant may claim the same address, and must not see who uses it. */
function owners(accounts: readonly AccountRecord[]): readonly AccountRecord[] {
  return accounts.length > 1 ? accounts.filter(({ emailVerified }) => emailVerified) : accounts;
}

const SHOWN: Readonly<
  Record<Exclude<Config["activity"]["recipients"], "none">, (path: string) => string>
> = {
  domains: (path) => /@[^@]*$/.exec(path)?.[0] ?? "(none)",
  full: (path) => path,
};

function toRecord(
  delivery: Delivery,
  { recipients: kept, now }: Pick<ActivityRecordOptions, "recipients" | "now">,
): NewDelivery {
  const { account, client, recipients, refused, reply } = delivery;
  const paths = recipients.length > 0 ? recipients : refused.map(({ forwardPath }) => forwardPath);
  return {
    stage: delivery.stage,
    atMs: now(),
    accountId: account.id,
    appPasswordId: account.appPasswordId,
    clientAddress: client.address,
    sender: delivery.reversePath,
    originalSender: delivery.originalReversePath,
    originalFrom: delivery.header?.originalFrom,
    recipientCount: recipients.length,
    recipients: kept === "none" ? undefined : listed([...new Set(paths.map(SHOWN[kept]))]),
    refusedCount: refused.length,
    refusedReply: recipients.length > 0 ? refused.at(-1)?.reply.toString() : undefined,
    sizeOctets: delivery.octetCount,
    durationMs: delivery.durationMs,
    reply: reply && String(reply),
    cause: causeOf(reply, delivery.cause),
    queueId: reply && queueIdOf(reply.text),
    outcome: delivery.outcome,
  };
}

function listed(paths: readonly string[]): string {
  const more = paths.length > KEPT_RECIPIENTS ? ", …" : "";
  return paths.slice(0, KEPT_RECIPIENTS).join(", ") + more;
}

/** Returns the upstream's id of an accepted message: `OK <id@host> [Hostname=…]` of Microsoft, `queued as id` of others. */
export function queueIdOf(text: string): string | undefined {
  const found = /<([^<>\s]+)>|queued as (\S+)/i.exec(text);
  return found?.[1] ?? found?.[2];
}
