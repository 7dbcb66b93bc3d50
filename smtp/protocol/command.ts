/**
 * Commands (RFC 5321 section 4.1): parsing a line, and formatting envelope commands.
 *
 * @module
 */
import { BAD_ARGUMENTS, parsePath, parsePathArgument } from "./path.ts";
import { latin1 } from "./octets.ts";
import { parseParameters } from "./parameters.ts";
import { Reply } from "./reply.ts";
import { SmtpError } from "./failure.ts";

/**
 * Longest command line, with its CRLF. RFC 5321 section 4.5.3.1.4 asks for 512 octets; the parameters of SIZE, 8BITMIME,
 * SMTPUTF8, AUTH and DSN add up to 1,100 to MAIL and RCPT.
 */
export const COMMAND_LINE_LIMIT_OCTETS = 2_048;

/** Longest EHLO argument that is kept: a domain name (RFC 5321 section 4.5.3.1.2). */
const HELO_LIMIT_CHARACTERS = 255;

/** Digits of SIZE (RFC 1870 section 4) and of a chunk's size: enough for any message, and exact as a number. */
const SIZE_DIGITS = /^\d{1,15}$/;

/** The argument of MAIL (RFC 5321 section 4.1.1.2). */
export interface Mail {
  /** Address without angle brackets; empty for the null reverse-path. */
  readonly reversePath: string;
  /** Declared size in octets (RFC 1870). */
  readonly size?: number;
  readonly body?: "7BIT" | "8BITMIME";
  readonly smtpUtf8: boolean;
  /** DSN: how much of the message comes back (RFC 3461 section 4.3). */
  readonly ret?: "FULL" | "HDRS";
  /** DSN: envelope identifier as xtext (RFC 3461 section 4.4). */
  readonly envid?: string;
}

/** The argument of RCPT (RFC 5321 section 4.1.1.3). */
export interface Recipient {
  /** Address without angle brackets. */
  readonly forwardPath: string;
  /** DSN: conditions, as in the command (RFC 3461 section 4.1). */
  readonly notify?: string;
  /** DSN: original recipient, as in the command (RFC 3461 section 4.2). */
  readonly orcpt?: string;
}

/** A parsed command. The session decides whether it is in order. */
export type Command =
  /** `name` is empty if the client gave none. */
  | { readonly verb: "EHLO" | "HELO"; readonly name: string }
  | { readonly verb: "AUTH"; readonly mechanism: string; readonly initialResponse?: string }
  | { readonly verb: "MAIL"; readonly mail: Mail }
  | { readonly verb: "RCPT"; readonly recipient: Recipient }
  | { readonly verb: "BDAT"; readonly size: number; readonly last: boolean }
  | { readonly verb: "DATA" | "STARTTLS" | "RSET" | "QUIT" | "NOOP" | "HELP" | "VRFY" | "EXPN" };

/** The verb of a known command. */
export type Verb = Command["verb"];

const UNKNOWN_COMMAND = new Reply(500, "5.5.1", "Command not recognized");
const BAD_CHARACTERS = new Reply(500, "5.5.2", "Control characters are not allowed in a command");
const NOT_ASCII = new Reply(500, "5.5.2", "The command is neither ASCII nor UTF-8");
const NO_ARGUMENT_ALLOWED = new Reply(501, "5.5.4", "This command takes no argument");
const ARGUMENT_MISSING = new Reply(501, "5.5.4", "This command needs an argument");
const BAD_CHUNK = new Reply(501, "5.5.4", "BDAT takes a size in octets, then optionally LAST");
const BAD_PARAMETER = new Reply(501, "5.5.4", "Parameter has a wrong value");

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Parses a command line, given without its CRLF.
 *
 * @throws {SmtpError} with the reply to send: 500 5.5.1, 500 5.5.2, 501 5.5.4, 555 5.5.4, 501 5.1.3 or 501 5.1.7.
 */
export function parseCommand(line: Uint8Array): Command {
  const text = decode(line);
  const verbEnd = text.indexOf(" ");
  const verb = (verbEnd === -1 ? text : text.slice(0, verbEnd)).toUpperCase();
  const parse = Object.hasOwn(PARSERS, verb) ? PARSERS[verb as Verb] : undefined;
  if (parse === undefined) throw new SmtpError(UNKNOWN_COMMAND);
  return parse(verbEnd === -1 ? "" : text.slice(verbEnd + 1).trim());
}

/** Control characters but for the tab. */
// deno-lint-ignore no-control-regex -- these are the characters in question.
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** Nearly every line. */
const PRINTABLE = /^[ -~]*$/;

function decode(line: Uint8Array): string {
  const octets = latin1(line);
  if (PRINTABLE.test(octets)) return octets.trimEnd();
  const text = asUtf8(line);
  if (text !== undefined && !CONTROL.test(text)) return text.trimEnd();
  const hello = octets.includes("\r") || octets.includes("\0") ? null : HELLO.exec(octets);
  if (hello !== null) return hello[1]! + escape(hello[2]!.trim());
  throw new SmtpError(text === undefined ? NOT_ASCII : BAD_CHARACTERS);
}

function asUtf8(line: Uint8Array): string | undefined {
  try {
    return decoder.decode(line);
  } catch {
    return undefined;
  }
}

/** A greeting with a name in any code page, which is no reason to refuse the client (RFC 5321 section 4.1.4). */
const HELLO = /^((?:EHLO|HELO) )(.*)$/is;

/** Returns printable ASCII as it is, and other octets as `\xHH`. */
function escape(octets: string): string {
  return octets.replace(
    /[^\x20-\x7e]/g,
    (octet) => `\\x${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

const PARSERS: Readonly<Record<Verb, (argument: string) => Command>> = {
  EHLO: (argument) => parseHello("EHLO", argument),
  HELO: (argument) => parseHello("HELO", argument),
  AUTH: parseAuth,
  MAIL: parseMail,
  RCPT: parseRcpt,
  BDAT: parseBdat,
  DATA: (argument) => withoutArgument("DATA", argument),
  STARTTLS: (argument) => withoutArgument("STARTTLS", argument),
  RSET: (argument) => withoutArgument("RSET", argument),
  QUIT: (argument) => withoutArgument("QUIT", argument),
  NOOP: () => ({ verb: "NOOP" }),
  HELP: () => ({ verb: "HELP" }),
  VRFY: (argument) => withArgument("VRFY", argument),
  EXPN: (argument) => withArgument("EXPN", argument),
};

function withoutArgument(verb: "DATA" | "STARTTLS" | "RSET" | "QUIT", argument: string): Command {
  if (argument !== "") throw new SmtpError(NO_ARGUMENT_ALLOWED);
  return { verb };
}

function withArgument(verb: "VRFY" | "EXPN", argument: string): Command {
  if (argument === "") throw new SmtpError(ARGUMENT_MISSING);
  return { verb };
}

/** Accepts any name, or none: printers send all kinds of names, and nothing depends on them. */
function parseHello(verb: "EHLO" | "HELO", argument: string): Command {
  return { verb, name: argument.slice(0, HELO_LIMIT_CHARACTERS) };
}

function parseAuth(argument: string): Command {
  const [mechanism = "", initialResponse, ...more] = argument.split(/ +/);
  if (mechanism === "") throw new SmtpError(ARGUMENT_MISSING);
  if (more.length > 0) throw new SmtpError(BAD_ARGUMENTS);
  return { verb: "AUTH", mechanism: mechanism.toUpperCase(), initialResponse };
}

function parseMail(argument: string): Command {
  const { path, rest } = parsePathArgument("FROM:", argument);
  const parameters = parseParameters(rest, ["SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH"]);
  const size = optional(parameters.SIZE, (value) => SIZE_DIGITS.test(value));
  // AUTH= (RFC 4954 section 5) is checked, then dropped: we vouch for nobody else.
  optional(parameters.AUTH, (value) => value === "<>" || isXtext(value));
  return {
    verb: "MAIL",
    mail: {
      reversePath: path === "" ? "" : parsePath(path, "5.1.7"),
      size: size === undefined ? undefined : Number(size),
      body: oneOf(parameters.BODY, ["7BIT", "8BITMIME"]),
      smtpUtf8: parameters.SMTPUTF8 !== undefined,
      ret: oneOf(parameters.RET, ["FULL", "HDRS"]),
      envid: optional(parameters.ENVID, (value) => value.length <= 100 && isXtext(value)),
    },
  };
}

const NOTIFY = /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})$/i;

function parseRcpt(argument: string): Command {
  const { path, rest } = parsePathArgument("TO:", argument);
  const parameters = parseParameters(rest, ["NOTIFY", "ORCPT"]);
  return {
    verb: "RCPT",
    recipient: {
      forwardPath: /^postmaster$/i.test(path) ? path : parsePath(path, "5.1.3"),
      notify: optional(parameters.NOTIFY, (value) => NOTIFY.test(value))?.toUpperCase(),
      orcpt: optional(parameters.ORCPT, isOriginalRecipient),
    },
  };
}

/** RFC 3030 section 2. After an invalid size the next command cannot be found, so the connection ends. */
function parseBdat(argument: string): Command {
  const [size = "", last, ...more] = argument.split(/ +/);
  const wellFormed = SIZE_DIGITS.test(size) && more.length === 0 &&
    (last === undefined || last.toUpperCase() === "LAST");
  if (!wellFormed) throw new SmtpError(BAD_CHUNK, { closes: true });
  return { verb: "BDAT", size: Number(size), last: last !== undefined };
}

function optional(
  value: string | undefined,
  accepts: (value: string) => boolean,
): string | undefined {
  if (value !== undefined && !accepts(value)) throw new SmtpError(BAD_PARAMETER);
  return value;
}

function oneOf<T extends string>(value: string | undefined, allowed: readonly T[]): T | undefined {
  const upper = value?.toUpperCase();
  const found = allowed.find((each) => each === upper);
  if (upper !== undefined && found === undefined) throw new SmtpError(BAD_PARAMETER);
  return found;
}

/** xtext (RFC 3461 section 4): printable ASCII, `+` and two hex digits for the rest; never an encoded control character. */
function isXtext(value: string): boolean {
  return /^(?:[!-*,-<>-~]|\+(?!0|1|7F)[0-9A-F]{2})*$/.test(value);
}

/** `rfc822;xtext`, or `utf-8;…` with characters as they are (RFC 6533 section 3). */
function isOriginalRecipient(value: string): boolean {
  const parts = /^([A-Za-z0-9-]+);(.*)$/su.exec(value);
  if (parts === null || value.length > 500) return false;
  return parts[1]!.toLowerCase() === "utf-8"
    ? /^[\x21-\x7e\u{a0}-\u{10ffff}]*$/u.test(parts[2]!)
    : isXtext(parts[2]!);
}

/** The extensions that a server offered: keyword to arguments (RFC 5321 section 4.1.1.1). */
export type Extensions = ReadonlyMap<string, string>;

/** Formats MAIL for the upstream, with the parameters that it supports. */
export function formatMail(mail: Mail, extensions: Extensions): string {
  const { size, body, smtpUtf8, ret, envid } = mail;
  let line = `MAIL FROM:<${mail.reversePath}>`;
  if (size !== undefined && extensions.has("SIZE")) line += ` SIZE=${size}`;
  if (body !== undefined && extensions.has("8BITMIME")) line += ` BODY=${body}`;
  if (smtpUtf8 && extensions.has("SMTPUTF8")) line += " SMTPUTF8";
  if (ret !== undefined && extensions.has("DSN")) line += ` RET=${ret}`;
  if (envid !== undefined && extensions.has("DSN")) line += ` ENVID=${envid}`;
  return `${line}\r\n`;
}

/** Formats RCPT for the upstream, with the parameters that it supports. */
export function formatRcpt(recipient: Recipient, extensions: Extensions): string {
  const { notify, orcpt } = recipient;
  let line = `RCPT TO:<${recipient.forwardPath}>`;
  if (notify !== undefined && extensions.has("DSN")) line += ` NOTIFY=${notify}`;
  if (orcpt !== undefined && extensions.has("DSN")) line += ` ORCPT=${orcpt}`;
  return `${line}\r\n`;
}
