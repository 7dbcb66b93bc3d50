/**
 * Events as the lines of a transcript have them.
 *
 * @module
 */
import type { SmtpEvent } from "../events.ts";

/** One line without anything that changes from run to run. */
export function describeEvent(event: SmtpEvent): string {
  switch (event.type) {
    case "login":
      return `login ${event.username} ${event.failure ?? "ok"}`;
    case "command-refused":
      return `command-refused ${event.reply.code}`;
    case "delivery":
      return `delivery ${event.delivery.outcome}, ${event.delivery.octetCount} octets, ` +
        `to ${event.delivery.recipients.join(" ")}`;
    case "upstream-failure":
      return `upstream-failure ${event.fault}`;
    case "disconnected":
      return `disconnected, ${event.messageCount} messages`;
    default:
      return event.type;
  }
}
