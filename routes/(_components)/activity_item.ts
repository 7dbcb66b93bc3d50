import type { ShownExplanation } from "../../islands/explanation.tsx";
import type { ActivityItem } from "../../islands/activity_list.tsx";
import { type Cause, explainCause, type Explanation } from "../../lib/explain/mod.ts";
import { accountKind } from "../../lib/microsoft/mod.ts";
import type { AccountRecord, Delivery } from "../../lib/store/mod.ts";
import { isForOperator, WHO_CAN_REPAIR } from "./explanation.tsx";

/** The account of a delivery: for the words of an explanation, and for commands that name the mailbox. */
type Owner = Pick<AccountRecord, "email" | "tenantId">;

type Contact = ShownExplanation["contact"];

const NOT_SAID: Readonly<Record<"unknown" | "abandoned", ShownExplanation>> = {
  unknown: {
    title: "Microsoft's answer was lost",
    cause: "The message was complete when the connection broke, so it may have been accepted.",
    who: WHO_CAN_REPAIR.user,
    remedy: "Look into the mailbox's sent items. The device was told to try again later.",
  },
  abandoned: {
    title: "The device hung up",
    cause: "The connection ended before the end of the message. Nothing was sent.",
    who: WHO_CAN_REPAIR.user,
    remedy: "Check the network between the device and this server, and send again.",
  },
};

/** Prepares a delivery of an account for the page. */
export function activityItem(
  delivery: Delivery,
  account: Owner,
  contact?: Contact,
): ActivityItem {
  const { id, stage, atMs, outcome, sender, reply } = delivery;
  const explanation = explanationOf(delivery, account, contact);
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
  if (recipients) return recipients;
  if (stage === "mail") return "(not asked for)";
  const count = recipientCount || refusedCount;
  return count === 1 ? "1 recipient" : `${count} recipients`;
}

function detailsOf(delivery: Delivery): ActivityItem["details"] {
  const { stage, appPasswordName, clientAddress, recipientCount, recipients } = delivery;
  const { refusedCount, refusedReply, queueId, attempts, originalFrom, originalSender } = delivery;
  if (stage === "auth") {
    return [["Client", clientAddress], ...detail("Attempts", attempts > 1 && attempts)];
  }
  return [
    ["App password", appPasswordName ?? "(revoked)"],
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

function durationText(ms: number): string {
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
  contact: Contact,
): ShownExplanation | undefined {
  if (outcome === "accepted") return undefined;
  if (outcome === "unknown" || outcome === "abandoned") return NOT_SAID[outcome];
  const explanation = explainCause(cause as Cause, account.email, accountKind(account));
  if (!explanation?.known) return undefined;
  return shownExplanation(explanation, contact);
}

/** Prepares an explanation for an island. @param contact How to reach the operator. */
export function shownExplanation(
  explanation: Explanation,
  contact: Contact,
): ShownExplanation {
  const { title, cause, fixer, remedy, command, detail } = explanation;
  return {
    ...{ title, cause, remedy },
    who: WHO_CAN_REPAIR[fixer],
    ...command && { command },
    ...detail && { detail },
    ...contact && isForOperator(explanation) && { contact },
  };
}
