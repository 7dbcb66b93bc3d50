/**
 * Events as lines of a transcript.
 *
 * @module
 */
import type { Delivery, SmtpEvent } from "../events.ts";

/** Describes an event in one line, without anything that changes from run to run. */
export function describeEvent(event: SmtpEvent): string {
  switch (event.type) {
    case "login":
      return `login ${event.username} ${event.failure ?? "ok"}`;
    case "command-refused":
      return `command-refused ${event.reply.code}`;
    case "delivery":
      return describeDelivery(event.delivery);
    case "upstream-failure":
      return `upstream-failure ${event.fault}`;
    case "disconnected":
      return `disconnected, ${event.messageCount} messages`;
    default:
      return event.type;
  }
}

function describeDelivery(delivery: Delivery): string {
  const { stage, outcome, octetCount, recipients, refused } = delivery;
  const paths = refused.map(({ forwardPath }) => forwardPath).join(" ");
  return stage === "data"
    ? `delivery ${outcome}, ${octetCount} octets, to ${recipients.join(" ")}${originals(delivery)}`
    : `${stage} ${outcome}, ${paths ? `not to ${paths}` : "no recipients"}`;
}

/** Describes the senders that were rewritten. */
function originals({ originalReversePath, header }: Delivery): string {
  const path = originalReversePath === undefined ? "" : `, instead of <${originalReversePath}>`;
  return header?.originalFrom === undefined
    ? path
    : `${path}, instead of From: ${header.originalFrom}`;
}
