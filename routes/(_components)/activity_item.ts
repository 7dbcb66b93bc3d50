import type { ShownExplanation } from "../../islands/explanation.tsx";
import type { ActivityItem } from "../../islands/activity_list.tsx";
import { type Cause, explainCause, type Explanation } from "../../lib/explain/mod.ts";
import { accountKind } from "../../lib/microsoft/mod.ts";
import type { AccountRecord, Delivery, DeliveryOutcome } from "../../lib/store/mod.ts";
import { isTestMail } from "../../lib/test_mail/mod.ts";
import { isForOperator, type Reader, whoCanRepair } from "./explanation.tsx";

/** The account of a delivery: for the words of an explanation, and for commands that name the mailbox. */
type Owner = Pick<AccountRecord, "email" | "tenantId">;

type UsualWording = Pick<Explanation, "title" | "cause" | "fixer" | "remedy">;

/** The reader of an activity, and how to reach the operator. */
export interface ActivityReader {
  readonly reader?: Reader;
  readonly contact?: ShownExplanation["contact"];
}

/** The explanations of outcomes that have none of their own. */
const USUAL: Readonly<Record<Exclude<DeliveryOutcome, "accepted">, UsualWording>> = {
  refused: {
    title: "Refused",
    cause: "The reply above is all that was said.",
    fixer: "user",
    remedy: "Look for its code in Microsoft's documentation, or ask the operator of this server.",
  },
  deferred: {
    title: "Not accepted for now",
    cause: "The reply asks to try again later.",
    fixer: "nobody",
    remedy: "Wait: most devices and programs try again by themselves.",
  },
  unknown: {
    title: "Microsoft's answer was lost",
    cause: "The message was complete when the connection broke, so it may have been accepted.",
    fixer: "user",
    remedy: "Look into the mailbox's sent items. The device was told to try again later.",
  },
  abandoned: {
    title: "The device hung up",
    cause: "The connection ended before the end of the message. Nothing was sent.",
    fixer: "user",
    remedy: "Check the network between the device and this server, and send again.",
  },
};

/** Prepares a delivery of an account for the page. */
export function activityItem(
  delivery: Delivery,
  account: Owner,
  reader: ActivityReader = {},
): ActivityItem {
  const { id, stage, atMs, outcome, sender, reply } = delivery;
  const explanation = explanationOf(delivery, account, reader);
  return {
    ...{ id, atMs, outcome },
    isLogin: stage === "auth",
    sender: stage === "auth" ? `Login from ${delivery.clientAddress}` : sender || "(no sender)",
    recipients: recipientsText(delivery),
    details: detailsOf(delivery),
    reply: reply ?? "",
    ...explanation && { explanation },
  };
}

function recipientsText({ stage, recipients, recipientCount, refusedCount }: Delivery): string {
  if (recipients?.startsWith("@")) return peopleAt(recipients, recipientCount || refusedCount);
  if (recipients) return recipients;
  // Refused before its recipients were told.
  if (stage === "mail") return "";
  const count = recipientCount || refusedCount;
  return count === 1 ? "1 recipient" : `${count} recipients`;
}

/** Domains are kept without the names before them. */
function peopleAt(domains: string, count: number): string {
  const places = domains.replaceAll("@", "");
  return count === 1 ? `someone at ${places}` : `${count} people at ${places}`;
}

function detailsOf(delivery: Delivery): ActivityItem["details"] {
  const { stage, appPasswordName, clientAddress, recipientCount, recipients } = delivery;
  const { refusedCount, refusedReply, queueId, attempts, originalFrom, originalSender } = delivery;
  if (stage === "auth") {
    return detail("Attempts", attempts > 1 && attempts);
  }
  return [
    isTestMail(delivery)
      ? ["Sent by", "the test mail of your account page"]
      : ["App password", appPasswordName ?? "(revoked)"],
    ["Client", clientAddress],
    ...detail("From rewritten", originalFrom && `original: ${originalFrom}`),
    ...detail("Sender rewritten", originalSender && `original: ${originalSender}`),
    ...detail("Recipients", recipients && recipientCount),
    ...detail("Refused recipients", refusedCount > 0 && refusedCount),
    ...detail("Refused with", refusedReply),
    ...stage === "data" ? detail("Size", sizeText(delivery.sizeOctets)) : [],
    ["Duration", durationText(delivery.durationMs)],
    ...detail("Queue id", queueId),
  ];
}

function detail(
  label: string,
  value: string | number | false | undefined,
): ActivityItem["details"] {
  return value ? [[label, String(value)]] : [];
}

/** Returns a duration as people read it: "840 ms", "1.5 s". */
export function durationText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Decimal units, as mail programs use them. */
function sizeText(octets: number): string {
  if (octets < 1000) return `${octets} B`;
  if (octets < 1_000_000) return `${(octets / 1000).toFixed(1)} kB`;
  return `${(octets / 1_000_000).toFixed(1)} MB`;
}

function explanationOf(
  { outcome, cause }: Delivery,
  account: Owner,
  reader: ActivityReader,
): ShownExplanation | undefined {
  if (outcome === "accepted") return undefined;
  const explanation = explainCause(cause as Cause, account.email, accountKind(account));
  const isUsual = outcome === "unknown" || outcome === "abandoned" || !explanation;
  return shownExplanation(isUsual ? USUAL[outcome] : explanation, reader);
}

/** Prepares an explanation for an island. */
export function shownExplanation(
  explanation: UsualWording & Pick<Explanation, "command" | "detail">,
  { reader, contact }: ActivityReader,
): ShownExplanation {
  const { title, cause, fixer, remedy, command, detail } = explanation;
  const asks = (reader ?? "owner") === "owner" && isForOperator(explanation);
  return {
    ...{ title, cause, remedy },
    who: whoCanRepair(fixer, reader),
    ...command && { command },
    ...detail && { detail },
    ...contact && asks && { contact },
  };
}
