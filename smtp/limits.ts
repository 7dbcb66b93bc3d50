/**
 * What one client may take.
 *
 * @module
 */

import { COMMAND_LINE_LIMIT_OCTETS } from "./command.ts";

/** Limits of a session; the defaults fit Microsoft's published limits and RFC 5321 section 4.5.3. */
export interface SessionLimits {
  /** RFC 1870: the size that EHLO announces. */
  readonly messageSizeOctets: number;
  /** RFC 5321 section 4.5.3.1.8 asks for at least 100. */
  readonly recipientCount: number;
  /** From the connection to a successful login, whatever the client does meanwhile. */
  readonly loginTimeoutSeconds: number;
  /** Between commands (RFC 5321 section 4.5.3.2.7: at least 5 minutes). */
  readonly idleTimeoutSeconds: number;
  /** Between two reads of message data (RFC 5321 section 4.5.3.2.5: 3 minutes). */
  readonly dataTimeoutSeconds: number;
  /** Slowest average at which a client may send a message, in octets per second; 0 for any. */
  readonly dataRateOctetsPerSecond: number;
  /** A command line with its CRLF; see {@linkcode COMMAND_LINE_LIMIT_OCTETS}. */
  readonly commandLineOctets: number;
  /** Refused commands in a row before the connection ends. */
  readonly errorCount: number;
  /** Failed logins before the connection ends. */
  readonly loginFailureCount: number;
  /** Commands that send nothing (NOOP, RSET, EHLO …) in a row before the connection ends. */
  readonly idleCommandCount: number;
}

/** 150 MiB, as Microsoft announces. */
const MESSAGE_SIZE_OCTETS = 157_286_400;

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  messageSizeOctets: MESSAGE_SIZE_OCTETS,
  recipientCount: 500,
  loginTimeoutSeconds: 60,
  idleTimeoutSeconds: 300,
  dataTimeoutSeconds: 180,
  dataRateOctetsPerSecond: 100,
  commandLineOctets: COMMAND_LINE_LIMIT_OCTETS,
  errorCount: 20,
  loginFailureCount: 3,
  idleCommandCount: 100,
};
