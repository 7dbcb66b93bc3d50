/**
 * Reverse-paths and forward-paths (RFC 5321 section 4.1.2, RFC 6531 section 3.3).
 *
 * @module
 */
import { Reply } from "./reply.ts";
import { SmtpError } from "./failure.ts";
import { UTF8_LIMIT_OCTETS } from "./octets.ts";

/** RFC 5321 section 4.5.3.1.3 asks for 256 octets; in practice, addresses that encode others (SRS, VERP) are longer. */
const PATH_LIMIT_OCTETS = 512;

export const BAD_ARGUMENTS = new Reply(501, "5.5.4", "Syntax error in the arguments");

const ATOM = '[^\\p{Cc} ()<>\\[\\]:;@\\\\,."]+';
const DOT_STRING = `${ATOM}(?:\\.${ATOM})*`;
const QUOTED_STRING = '"(?:[^\\p{Cc}"\\\\]|\\\\[\\x20-\\x7e])*"';
/** Letters, digits, hyphens and, in practice, underscores; anything that is not ASCII (RFC 6531). */
const LABEL = "(?:[A-Za-z0-9_-]|[^\\p{ASCII}\\p{Cc}])+";
const DOMAIN = `${LABEL}(?:\\.${LABEL})*\\.?`;
const ADDRESS_LITERAL = "\\[[0-9A-Za-z:.-]+\\]";
const ADDRESS = new RegExp(
  `^(?:${DOT_STRING}|${QUOTED_STRING})@(?:${DOMAIN}|${ADDRESS_LITERAL})$`,
  "u",
);
/** A source route, which RFC 5321 appendix C says to accept and ignore. */
const SOURCE_ROUTE = /^@[^:<>]+:/;

/** A split argument of MAIL or RCPT. */
export interface PathArgument {
  /** The text between the angle brackets, unchecked. */
  readonly path: string;
  /** The parameters, unchecked. */
  readonly rest: string;
}

/**
 * Splits `FROM:<path> parameters`. Tolerates a space after the colon and, for old devices, missing brackets.
 *
 * @throws {SmtpError} 501 5.5.4.
 */
export function parsePathArgument(keyword: "FROM:" | "TO:", argument: string): PathArgument {
  if (argument.slice(0, keyword.length).toUpperCase() !== keyword) {
    throw new SmtpError(BAD_ARGUMENTS);
  }
  const value = argument.slice(keyword.length).trimStart();
  const parts = /^<((?:"(?:[^"\\]|\\.)*"|[^">])*)>(?: +(.*))?$/su.exec(value) ??
    /^([^<> ]+)(?: +(.*))?$/su.exec(value);
  if (parts === null) throw new SmtpError(BAD_ARGUMENTS);
  return { path: parts[1]!, rest: parts[2] ?? "" };
}

/**
 * Checks an address and removes a source route.
 *
 * @param enhanced The code for a bad address: 5.1.3 for a recipient, 5.1.7 for a sender.
 * @throws {SmtpError} 501 with that code.
 */
export function parsePath(path: string, enhanced: "5.1.3" | "5.1.7"): string {
  const address = path.replace(SOURCE_ROUTE, "");
  if (isTooLong(address) || !ADDRESS.test(address)) {
    throw new SmtpError(new Reply(501, enhanced, "Bad address syntax"));
  }
  return address;
}

/** Encodes an address only if it could be too long. */
function isTooLong(address: string): boolean {
  return address.length * UTF8_LIMIT_OCTETS > PATH_LIMIT_OCTETS &&
    new TextEncoder().encode(address).length > PATH_LIMIT_OCTETS;
}

/** Whether an address needs SMTPUTF8 (RFC 6531). */
export function isInternationalized(address: string): boolean {
  return /[^\p{ASCII}]/u.test(address);
}
