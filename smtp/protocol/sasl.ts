/**
 * SASL for SMTP (RFC 4954): PLAIN (RFC 4616) and LOGIN towards the client, XOAUTH2 towards the upstream.
 *
 * @module
 */
import { Reply } from "./reply.ts";
import { INVALID_CREDENTIALS, SmtpError } from "./failure.ts";

/** Longest line of a SASL exchange, with its CRLF (RFC 4954 section 4). */
export const SASL_LINE_LIMIT_OCTETS = 12_288;

/** Longest user name or password. RFC 4616 section 2 sets no limit; this is a common one. */
const CREDENTIAL_LIMIT_OCTETS = 255;

/** The mechanisms that EHLO offers. */
export const MECHANISMS = ["PLAIN", "LOGIN"] as const;

const NUL = 0;
const BAD_RESPONSE = new Reply(501, "5.5.2", "Cannot decode the response");
const CANCELLED = new Reply(501, "5.7.0", "Authentication cancelled");
const UNKNOWN_MECHANISM = new Reply(504, "5.5.4", "Unrecognized authentication type");

/** The result of a SASL exchange (RFC 4954): at most 255 octets each; the user name has no control characters. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** A step of an exchange: a challenge, or its end. */
export type SaslStep = { readonly challenge: Reply } | { readonly credentials: Credentials };

/** A SASL exchange with a client. */
export interface SaslExchange {
  /** Takes the client's next line. @throws {SmtpError} 501 5.5.2, 501 5.7.0 or 535 5.7.8; the exchange is over then. */
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
  const start = Object.hasOwn(EXCHANGES, mechanism) ? EXCHANGES[mechanism] : undefined;
  if (start === undefined) throw new SmtpError(UNKNOWN_MECHANISM);
  const { exchange, challenge } = start();
  if (initialResponse === undefined) return { exchange, step: { challenge } };
  const line = new TextEncoder().encode(initialResponse === "=" ? "" : initialResponse);
  return { exchange, step: exchange.next(line) };
}

const EXCHANGES: Readonly<Record<string, () => { exchange: SaslExchange; challenge: Reply }>> = {
  PLAIN: () => ({ exchange: { next: plain }, challenge: new Reply(334, undefined, "") }),
  LOGIN: () => ({ exchange: new LoginExchange(), challenge: USERNAME_PROMPT }),
};

/** PLAIN: authorization identity, NUL, user name, NUL, password. */
function plain(line: Uint8Array): SaslStep {
  const parts = splitAtNul(decodeResponse(line));
  if (parts.length !== 3) throw new SmtpError(BAD_RESPONSE);
  const [authorizationId, username, password] = parts.map(decodeText) as [string, string, string];
  // No account may act for another one.
  if (authorizationId !== "" && authorizationId !== username) {
    throw new SmtpError(INVALID_CREDENTIALS);
  }
  return { credentials: checkCredentials(username, password) };
}

const USERNAME_PROMPT = new Reply(334, undefined, btoa("Username:"));
const PASSWORD_PROMPT = new Reply(334, undefined, btoa("Password:"));

/** LOGIN (draft-murchison-sasl-login): user name, then password. */
class LoginExchange implements SaslExchange {
  #username: string | undefined;

  next(line: Uint8Array): SaslStep {
    const text = decodeText(decodeResponse(line));
    if (this.#username !== undefined) {
      return { credentials: checkCredentials(this.#username, text) };
    }
    this.#username = text;
    return { challenge: PASSWORD_PROMPT };
  }
}

function checkCredentials(username: string, password: string): Credentials {
  if (username === "" || password === "") throw new SmtpError(BAD_RESPONSE);
  if (/\p{Cc}/u.test(username)) throw new SmtpError(INVALID_CREDENTIALS);
  return { username, password };
}

function decodeResponse(line: Uint8Array): Uint8Array {
  const text = String.fromCharCode(...line.subarray(0, SASL_LINE_LIMIT_OCTETS));
  if (text === "*") throw new SmtpError(CANCELLED);
  const response = decodeBase64(text);
  if (response === undefined) throw new SmtpError(BAD_RESPONSE);
  return response;
}

/** Decodes base64 (RFC 4648 section 4) with its padding; undefined if it is invalid. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
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
  if (octets.length > CREDENTIAL_LIMIT_OCTETS) throw new SmtpError(INVALID_CREDENTIALS);
  try {
    return decoder.decode(octets);
  } catch (cause) {
    throw new SmtpError(BAD_RESPONSE, { cause });
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
  const octets = new TextEncoder().encode(
    `user=${signInName}\x01auth=Bearer ${accessToken}\x01\x01`,
  );
  return btoa(String.fromCharCode(...octets));
}
