/**
 * The QR code with which Thunderbird for Android sets up an account ("Export for Mobile", format version 1).
 *
 * @module
 */
import type { Encryption, Endpoint } from "./smtp_settings.ts";

/** The account in the code. */
export interface ThunderbirdAccount {
  readonly host: string;
  readonly endpoint: Endpoint;
  readonly username: string;
  readonly password: string;
  readonly mailbox: string;
  readonly displayName: string;
}

const FORMAT_VERSION = 1;
/** This code is the first of one. */
const SEQUENCE = [1, 1];
const IMAP = 0;
const SMTP = 0;
const OAUTH2 = 6;
const PASSWORD_CLEARTEXT = 1;
const SECURITY: Readonly<Record<Encryption, number>> = { none: 0, STARTTLS: 2, TLS: 3 };

/** Returns the text of the code: reading at Microsoft by its own sign-in, sending here. */
export function thunderbirdQrText(
  { host, endpoint, username, password, mailbox, displayName }: ThunderbirdAccount,
): string {
  const incoming = [IMAP, "outlook.office365.com", 993, SECURITY.TLS, OAUTH2, mailbox];
  const security = SECURITY[endpoint.encryption];
  const outgoing = [SMTP, host, endpoint.port, security, PASSWORD_CLEARTEXT, username, password];
  return JSON.stringify([
    FORMAT_VERSION,
    SEQUENCE,
    incoming,
    [[outgoing, [mailbox, displayName]]],
  ]);
}
