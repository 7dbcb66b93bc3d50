import type { ActivityItem, ItemExplanation } from "../../islands/activity_list.tsx";
import { explainSmtpReply } from "../../lib/explain/mod.ts";
import { accountKind } from "../../lib/microsoft/mod.ts";
import type { AccountRecord, Delivery } from "../../lib/store/mod.ts";
import { WHO_CAN_REPAIR } from "./explanation.tsx";

/** The account of a delivery: for the words of an explanation, and for commands that name the mailbox. */
type Owner = Pick<AccountRecord, "email" | "tenantId">;

const NOT_SAID: Readonly<Record<"unknown" | "abandoned", ItemExplanation>> = {
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
export function activityItem(delivery: Delivery, account: Owner): ActivityItem {
  const { id, atMs, outcome, sender, reply } = delivery;
  const explanation = explanationOf(delivery, account);
  return {
    ...{ id, atMs, outcome },
    sender: delivery.stage === "auth"
      ? `Login from ${delivery.clientAddress}`
      : sender || "(no sender)",
    recipients: delivery.stage === "auth" ? account.email : recipientsText(delivery),
    details: detailsOf(delivery),
    reply: reply ?? "",
    ...explanation && { explanation },
  };
}

function recipientsText({ recipients, recipientCount, refusedCount }: Delivery): string {
  if (recipients) return recipients;
  const count = recipientCount || refusedCount;
  return count === 1 ? "1 recipient" : `${count} recipients`;
}

function detailsOf(delivery: Delivery): ActivityItem["details"] {
  const { stage, attempts, appPasswordName, clientAddress, recipientCount, recipients } = delivery;
  const { refusedCount, refusedReply, queueId, originalFrom, originalSender } = delivery;
  if (stage === "auth") return [["Client", clientAddress], ["Attempts", String(attempts)]];
  return [
    ["App password", appPasswordName ?? "(revoked)"],
    ["Client", clientAddress],
    ...optional("From rewritten", originalFrom && `original: ${originalFrom}`),
    ...optional("Sender rewritten", originalSender && `original: ${originalSender}`),
    ...optional("Recipients", recipients && String(recipientCount)),
    ...optional("Refused recipients", refusedCount > 0 ? String(refusedCount) : undefined),
    ...optional("Refused with", refusedReply),
    ...optional("Size", stage === "data" ? sizeText(delivery.sizeOctets) : undefined),
    ["Duration", durationText(delivery.durationMs)],
    ...optional("Queue id", queueId),
  ];
}

function optional(label: string, value: string | undefined): ActivityItem["details"] {
  return value ? [[label, value]] : [];
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
  { stage, outcome, reply }: Delivery,
  account: Owner,
): ItemExplanation | undefined {
  // Our own replies to AUTH and MAIL say themselves what to do.
  if (outcome === "accepted" || stage === "auth" || stage === "mail") return undefined;
  if (outcome === "unknown" || outcome === "abandoned") return NOT_SAID[outcome];
  const [, code = "", text = ""] = /^(\d{3}) ?(.*)$/s.exec(reply ?? "") ?? [];
  const explanation = explainSmtpReply(Number(code), text, account.email, accountKind(account));
  if (!explanation?.known) return undefined;
  const { title, cause, fixer, remedy, command } = explanation;
  return { title, cause, who: WHO_CAN_REPAIR[fixer], remedy, ...command && { command } };
}
