/**
 * SASL for SMTP (RFC 4954): PLAIN (RFC 4616) and LOGIN towards the client, XOAUTH2 towards the upstream.
 *
 * @module
 */
import { latin1 } from "./octets.ts";
import { Reply, sanitise } from "./reply.ts";
import { LoginError, SmtpError } from "./failure.ts";

/** Longest line of a SASL exchange, with its CRLF (RFC 4954 section 4). */
export const SASL_LINE_LIMIT_OCTETS = 12_288;

/** Longest user name or password. RFC 4616 section 2 sets no limit; this is a common one. */
const CREDENTIAL_LIMIT_OCTETS = 255;

/** The mechanisms that EHLO offers. */
export const MECHANISMS = ["PLAIN", "LOGIN"] as const;

const NUL = 0;
/** Longest name of a mechanism that is shown (RFC 4422 section 3.1). */
const MECHANISM_LIMIT_CHARACTERS = 20;

const NOT_BASE64 = new Reply(501, "5.5.2", "The response is not base64");
const NOT_UTF8 = new Reply(501, "5.5.2", "The user name or the password is not UTF-8");
const NOT_THREE_PARTS = new Reply(
  501,
  "5.5.2",
  "PLAIN takes three parts separated by NUL; the first can be empty",
);
const NO_USERNAME = new Reply(501, "5.5.2", "The user name is empty");
const NO_PASSWORD = new Reply(501, "5.5.2", "The password is empty");
const CANCELLED = new Reply(501, "5.7.0", "Authentication cancelled");
const NOT_OFFERED = new Reply(
  504,
  "5.5.4",
  `Authentication mechanism not offered: use ${MECHANISMS.join(" or ")}`,
);

/** The result of a SASL exchange (RFC 4954), as the client sent it, without white space around names. */
export interface Credentials {
  /** The identity that the client wants to act as, if it sends one (RFC 4616 section 2). */
  readonly authorizationId?: string;
  readonly username: string;
  readonly password: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A step of an exchange: a challenge, or its end. */
export type SaslStep = { readonly challenge: Reply } | { readonly credentials: Credentials };

/** A SASL exchange with a client. */
export interface SaslExchange {
  /** Takes the client's next line. @throws {SmtpError} 501 5.5.2 or 501 5.7.0; the exchange is over then. */
  next(line: Uint8Array): SaslStep;
}

/**
 * Starts an exchange.
 *
 * @param initialResponse Base64 that came with AUTH; `=` stands for an empty response (RFC 4954 section 4).
 * @throws {SmtpError} 504 5.5.4 for an unknown mechanism; else as {@linkcode SaslExchange.next}.
 */
export function startSasl(
  mechanism: string,
  initialResponse: string | undefined,
): { exchange: SaslExchange; step: SaslStep } {
  const begin = Object.hasOwn(EXCHANGES, mechanism) ? EXCHANGES[mechanism] : undefined;
  if (begin === undefined) {
    const asked = sanitise(mechanism.slice(0, MECHANISM_LIMIT_CHARACTERS));
    const cause = new Error(`mechanism not offered: the client asked for ${asked}`);
    throw new SmtpError(NOT_OFFERED, { cause });
  }
  const steps = begin();
  const step = stepOf(steps.next());
  const exchange = { next: (line: Uint8Array) => stepOf(steps.next(line)) };
  if (initialResponse === undefined) return { exchange, step };
  const line = encoder.encode(initialResponse === "=" ? "" : initialResponse);
  return { exchange, step: exchange.next(line) };
}

function stepOf({ done, value }: IteratorResult<Reply, Credentials>): SaslStep {
  return done ? { credentials: value } : { challenge: value };
}

/** Yields challenges, takes the client's lines, and returns the credentials. */
type Steps = Generator<Reply, Credentials, Uint8Array>;

const EXCHANGES: Readonly<Record<string, () => Steps>> = { PLAIN: plain, LOGIN: login };

const EMPTY_CHALLENGE = new Reply(334, undefined, "");

/** PLAIN: authorization identity, NUL, user name, NUL, password. */
function* plain(): Steps {
  const parts = splitAtNul(decodeResponse(yield EMPTY_CHALLENGE));
  if (parts.length !== 3) throw new SmtpError(NOT_THREE_PARTS);
  const [actsAs, name, password] = parts.map(decodeText) as [string, string, string];
  const [authorizationId, username] = [actsAs.trim(), name.trim()];
  if (username === "") throw new SmtpError(NO_USERNAME);
  if (password === "") throw new SmtpError(NO_PASSWORD);
  return authorizationId === "" ? { username, password } : { authorizationId, username, password };
}

const USERNAME_PROMPT = new Reply(334, undefined, btoa("Username:"));
const PASSWORD_PROMPT = new Reply(334, undefined, btoa("Password:"));

/** LOGIN (draft-murchison-sasl-login): user name, then password. Asks once more for an empty user name. */
function* login(): Steps {
  let username = "";
  for (let tries = 0; username === ""; tries++) {
    if (tries === 2) throw new SmtpError(NO_USERNAME);
    username = decodeText(decodeResponse(yield USERNAME_PROMPT)).trim();
  }
  const password = decodeText(decodeResponse(yield PASSWORD_PROMPT));
  if (password === "") throw new SmtpError(NO_PASSWORD);
  return { username, password };
}

/**
 * Refuses credentials that cannot belong to anybody.
 *
 * @throws {LoginError} `invalid`: control characters in the user name, or more than 255 octets.
 */
export function checkCredentials({ username, password }: Credentials): void {
  if (/\p{Cc}/u.test(username)) throw invalid("control characters in the user name");
  const longest = Math.max(...[username, password].map((text) => encoder.encode(text).length));
  if (longest > CREDENTIAL_LIMIT_OCTETS) {
    throw invalid(`user name or password over ${CREDENTIAL_LIMIT_OCTETS} octets`);
  }
}

/** Returns the error for credentials that are wrong. @param why For the log. */
export function invalid(why: string): LoginError {
  return new LoginError("invalid", "The user name or the app password is wrong", {
    cause: new Error(why),
  });
}

function decodeResponse(line: Uint8Array): Uint8Array {
  const text = latin1(line);
  if (text === "*") throw new SmtpError(CANCELLED);
  const response = decodeBase64(text);
  if (response === undefined) throw new SmtpError(NOT_BASE64);
  return response;
}

/** Decodes base64 (RFC 4648 section 4) with its padding; undefined if it is invalid. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Uint8Array.fromBase64(text);
}

function splitAtNul(octets: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let end = octets.indexOf(NUL); end !== -1; end = octets.indexOf(NUL, start)) {
    parts.push(octets.subarray(start, end));
    start = end + 1;
  }
  return [...parts, octets.subarray(start)];
}

function decodeText(octets: Uint8Array): string {
  try {
    return decoder.decode(octets);
  } catch (cause) {
    throw new SmtpError(NOT_UTF8, { cause });
  }
}

/**
 * Returns the initial client response of XOAUTH2, base64-encoded. See Microsoft's "Authenticate an IMAP, POP or SMTP
 * connection using OAuth", section "SASL XOAUTH2".
 *
 * @throws {TypeError} when name or token has a control character, which would change the meaning.
 */
export function xoauth2Response(signInName: string, accessToken: string): string {
  if (/\p{Cc}/u.test(signInName + accessToken)) {
    throw new TypeError("control character in the sign-in name or the access token");
  }
  return encoder.encode(`user=${signInName}\x01auth=Bearer ${accessToken}\x01\x01`).toBase64();
}
