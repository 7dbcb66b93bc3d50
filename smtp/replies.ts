/**
 * The session's own replies; constants, so that each is encoded once.
 *
 * @module
 */
import { Reply } from "./reply.ts";

export const READY_FOR_TLS = new Reply(220, "2.0.0", "Ready to start TLS");
export const BYE = new Reply(221, "2.0.0", "Bye");
export const LOGGED_IN = new Reply(235, "2.7.0", "Authentication successful");
export const RESET = new Reply(250, "2.0.0", "OK");
export const SENDER_OK = new Reply(250, "2.1.0", "Sender OK");
export const START_MAIL_INPUT = new Reply(
  354,
  undefined,
  "Start mail input; end with <CRLF>.<CRLF>",
);

/** Commands that are answered without thought (RFC 5321 sections 3.5.3, 4.1.1.8, 4.1.1.9). */
export const SIMPLE: Readonly<Record<"NOOP" | "HELP" | "VRFY" | "EXPN", Reply>> = {
  NOOP: new Reply(250, "2.0.0", "OK"),
  HELP: new Reply(
    214,
    "2.0.0",
    "Log in with the user name and an app password from the account page",
  ),
  VRFY: new Reply(252, "2.1.5", "Cannot verify, but will take the message and try"),
  EXPN: new Reply(502, "5.5.1", "Not implemented"),
};

export const STARTTLS_FIRST = new Reply(530, "5.7.0", "Must issue a STARTTLS command first");
export const TLS_ALREADY = new Reply(503, "5.5.1", "TLS is active already");
export const TLS_NOT_OFFERED = new Reply(502, "5.5.1", "STARTTLS is not offered on this port");
export const LOGIN_LOCAL_ERROR = new Reply(454, "4.3.0", "Local error, try again later");

export const NOT_SMTP = new Reply(421, "4.7.0", "This is an SMTP server");
export const TOO_MANY_ERRORS = new Reply(421, "4.7.0", "Too many errors");
export const TOO_MANY_COMMANDS = new Reply(421, "4.7.0", "Too many commands without a message");
export const TOO_MANY_CONNECTIONS = new Reply(
  421,
  "4.7.0",
  "Too many connections, try again later",
);
export const LOGIN_TIMEOUT = new Reply(421, "4.7.0", "No login in time");
export const IDLE_TIMEOUT = new Reply(421, "4.4.2", "Timeout");
export const SHUTTING_DOWN = new Reply(421, "4.3.2", "Server is shutting down, try again later");
export const REVOKED = new Reply(421, "4.7.0", "This login has been revoked");

/** RFC 5321 section 4.2: the greeting carries no enhanced code. */
export function greeting(name: string): Reply {
  return new Reply(220, undefined, `${name} ESMTP`);
}

export function helo(name: string): Reply {
  return new Reply(250, undefined, name);
}

export function ehlo(name: string, keywords: readonly string[]): Reply {
  return new Reply(250, undefined, name, ...keywords);
}
