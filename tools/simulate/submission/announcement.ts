/**
 * The submission server's announcements.
 *
 * @module
 */
import type { SMTPServerOptions } from "smtp-server";
import type { CertificatePair } from "../../../smtp/mod.ts";

/** As Microsoft announces it. */
const MAX_MESSAGE_OCTETS = 157_286_400;

/** A service extension that can be left out of the reply to EHLO. */
export type ServiceExtension =
  | "PIPELINING"
  | "8BITMIME"
  | "SMTPUTF8"
  | "DSN"
  | "CHUNKING"
  | "STARTTLS";

/** Settings of the announcements. */
export interface AnnouncementOptions {
  readonly certificate: CertificatePair;
  /** Name in the greeting. */
  readonly name?: string;
  /** Service extensions that are not announced. */
  readonly hide?: readonly ServiceExtension[];
  /** Octets; default: 157,286,400. */
  readonly maxMessageOctets?: number;
}

/** Returns the settings of everything that a client is shown before it sends. */
export function announcement(options: AnnouncementOptions): SMTPServerOptions {
  const { certificate, name = "simulation.localhost", hide = [] } = options;
  return {
    ...certificate,
    minVersion: "TLSv1.2",
    name,
    authMethods: ["LOGIN", "XOAUTH2"],
    authRequiredMessage: "5.7.57 Client not authenticated to send mail.",
    size: options.maxMessageOctets ?? MAX_MESSAGE_OCTETS,
    rejectOversized: true,
    hideENHANCEDSTATUSCODES: false,
    hideREQUIRETLS: true,
    hidePIPELINING: hide.includes("PIPELINING"),
    hide8BITMIME: hide.includes("8BITMIME"),
    hideSMTPUTF8: hide.includes("SMTPUTF8"),
    hideDSN: hide.includes("DSN"),
    disabledCommands: disabledCommands(options),
    disableReverseLookup: true,
    logger: false,
  };
}

/** The commands that are not taken in clear text. */
export function disabledCommands({ hide = [] }: Pick<AnnouncementOptions, "hide">): string[] {
  return hide.includes("STARTTLS") ? ["STARTTLS"] : [];
}
