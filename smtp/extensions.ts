/**
 * The extensions that the reply to EHLO offers (RFC 5321 section 4.1.1.1).
 *
 * @module
 */
import type { SessionLimits } from "./limits.ts";
import { MECHANISMS } from "./sasl.ts";

/** What is offered only at times. */
export interface Offer {
  readonly startTls: boolean;
  readonly login: boolean;
}

/** One line each: keyword and parameters. */
export function offeredExtensions(limits: SessionLimits, { startTls, login }: Offer): string[] {
  const mechanisms = MECHANISMS.join(" ");
  return [
    "PIPELINING",
    `SIZE ${limits.messageSizeOctets}`,
    "8BITMIME",
    "SMTPUTF8",
    "DSN",
    "CHUNKING",
    "ENHANCEDSTATUSCODES",
    ...(startTls ? ["STARTTLS"] : []),
    // The form with "=" is for clients older than RFC 2554.
    ...(login ? [`AUTH ${mechanisms}`, `AUTH=${mechanisms}`] : []),
  ];
}
