/**
 * The last line of defence against secrets in the log. They should not get here at all: secret values are
 * {@linkcode Secret}s, and the caller chooses the properties of a line.
 *
 * @module
 */
import { errorText, Secret, SECRET_TEXT } from "../base/mod.ts";

/** A value in a log line. */
export type LogValue =
  | string
  | number
  | boolean
  | null
  | readonly LogValue[]
  | { readonly [name: string]: LogValue };

/** Names of secret properties: `accessToken` and `client_secret`, but not `appPasswordId` or `tokenExpiry`. */
const SECRET_NAME =
  /(password|passphrase|secret|token|authorization|cookie|verifier|credential)s?$|^(auth|authorization|device)?_?code$/i;

/** Names of secrets as they appear in forms, queries and JSON. */
const SECRET_FIELD =
  "[\\w-]*(?:password|secret|token|assertion|verifier)|code|authorization|cookie";

/**
 * Secrets inside text. The first group is the text before the secret. The hint is found faster, and every match has it. The
 * lookbehinds let a match start only at the start of a word, so that the work stays proportional to the length of hostile
 * text.
 */
const SECRETS_IN_TEXT = [
  { hint: /=/, secret: new RegExp(`((?<![\\w-])(?:${SECRET_FIELD})=)[^&\\s"']+`, "gi") },
  {
    hint: /"/,
    secret: new RegExp(`("(?:${SECRET_FIELD})"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*`, "gi"),
  },
  { hint: /bearer|basic/i, secret: /(\b(?:bearer|basic) +)[\w.~+/=-]+/gi },
  // A JSON Web Token (RFC 7519): its header always begins with {".
  { hint: /eyJ/, secret: /()(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g },
];

/** Deeper values are omitted. */
const MAX_DEPTH = 4;

/** All hints. Most texts have none. */
const HINT = /[="]|bearer|basic|eyJ/i;

/** Replaces what looks like a secret in a text. */
export function redactText(text: string): string {
  if (!HINT.test(text)) return text;
  return SECRETS_IN_TEXT.reduce(
    (result, { hint, secret }) =>
      hint.test(result) ? result.replace(secret, `$1${SECRET_TEXT}`) : result,
    text,
  );
}

/** Returns the properties of a log record as plain data, without secrets and without `undefined`. */
export function redactProperties(
  properties: Readonly<Record<string, unknown>>,
  depth = 0,
): Record<string, LogValue> {
  const entries: [string, LogValue][] = [];
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined) entries.push([name, redactProperty(name, value, depth)]);
  }
  return Object.fromEntries(entries);
}

/** Redacts one property. A number, such as an SMTP reply's `code`, is never a secret. */
export function redactProperty(name: string, value: unknown, depth = 0): LogValue {
  const harmless = value === null || typeof value === "number" || typeof value === "boolean";
  return !harmless && isSecretName(name) ? SECRET_TEXT : redact(value, depth);
}

/** A cache, since there are few names and many lines. */
const secretNames = new Map<string, boolean>();
const MAX_KNOWN_NAMES = 1_000;

function isSecretName(name: string): boolean {
  let secret = secretNames.get(name);
  if (secret === undefined) {
    secret = SECRET_NAME.test(name);
    if (secretNames.size < MAX_KNOWN_NAMES) secretNames.set(name, secret);
  }
  return secret;
}

function redact(value: unknown, depth: number): LogValue {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object") return String(value);
  return redactObject(value, depth);
}

function redactObject(value: object, depth: number): LogValue {
  if (value instanceof Secret) return SECRET_TEXT;
  if (value instanceof Error) return redactText(errorText(value));
  if (value instanceof Date) return value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} octets]`;
  if (depth >= MAX_DEPTH) return "[…]";
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return redactProperties(value as Record<string, unknown>, depth + 1);
}
