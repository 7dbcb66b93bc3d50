/**
 * Problems that an authority reports (RFC 8555 section 6.7), explained for the operator.
 *
 * @module
 */
import { SECOND_MS } from "../base/mod.ts";

const ACME_TYPE = "urn:ietf:params:acme:error:";
const MAX_DETAIL_LENGTH = 400;

/** Details of an {@linkcode AcmeProblem}. */
interface ProblemOptions {
  /** The host name with the problem. */
  readonly name?: string;
  /** When another attempt makes sense, in milliseconds from now. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Thrown if a request fails. The message is that of the authority. */
export class AcmeProblem extends Error {
  override readonly name = "AcmeProblem";
  readonly host: string | undefined;
  readonly retryAfterMs: number | undefined;

  /** @param type The last part of the URN, such as `rateLimited`; `unreachable` for an authority that does not answer. */
  constructor(readonly type: string, detail: string, options: ProblemOptions = {}) {
    super(detail, { cause: options.cause });
    this.host = options.name;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** The problem and its remedy, for the operator. */
  get words(): { readonly text: string; readonly remedy: string } {
    const host = this.host ?? "the name";
    const known = Object.hasOwn(WORDS, this.type) ? WORDS[this.type] : undefined;
    const { text, remedy } = known ?? OTHER;
    return { text: `${text(host)} It says: ${this.message}`, remedy };
  }
}

interface Words {
  readonly text: (host: string) => string;
  readonly remedy: string;
}

const REMEDY_FOR_PORT =
  "Open port 80 in the firewall and at the provider, and forward it to HTTP_REDIRECT_PORT of this machine. Check that the " +
  "A and AAAA records of the name hold the addresses of this machine and no others.";

const OTHER: Words = {
  text: () => "The certificate authority has refused the request.",
  remedy: "Correct what the authority names. The program tries again automatically.",
};

/** By the type of a problem. */
const WORDS: Readonly<Record<string, Words>> = {
  connection: {
    text: (host) => `The certificate authority cannot reach port 80 of ${host}.`,
    remedy: REMEDY_FOR_PORT,
  },
  unauthorized: {
    text: (host) => `Another server answers on port 80 of ${host}.`,
    remedy: REMEDY_FOR_PORT,
  },
  dns: {
    text: (host) => `The certificate authority finds no address of ${host} in DNS.`,
    remedy:
      "Add an A or AAAA record with the address of this machine, and wait until DNS knows it.",
  },
  caa: {
    text: (host) => `A CAA record in DNS forbids this certificate authority to issue for ${host}.`,
    remedy:
      'Add the authority to the CAA records of the domain (for Let\'s Encrypt: 0 issue "letsencrypt.org"), or remove them.',
  },
  rateLimited: {
    text: () => "The limit on requests to the certificate authority is reached.",
    remedy: "Wait: the program tries again when the limit allows it.",
  },
  rejectedIdentifier: {
    text: (host) => `The certificate authority does not issue for ${host}.`,
    remedy: "Use another name in SMTP_PUBLIC_HOST and PUBLIC_URL.",
  },
  externalAccountRequired: {
    text: () => "The certificate authority requires an account with it.",
    remedy:
      "Set ACME_EAB_KEY_ID and ACME_EAB_HMAC_KEY, which the authority shows to its customers.",
  },
  invalidContact: {
    text: () => "The certificate authority does not accept the address in ACME_EMAIL.",
    remedy: "Correct ACME_EMAIL, or remove it and set ACME=on.",
  },
  unreachable: {
    text: () => "The certificate authority does not answer.",
    remedy: "Check the network, DNS and firewall of this machine, and ACME_DIRECTORY_URL.",
  },
};

const ALIASES: Readonly<Record<string, string>> = {
  unsupportedIdentifier: "rejectedIdentifier",
  unsupportedContact: "invalidContact",
};

/** Reads a problem document (RFC 9457). */
export function problemOf(document: unknown, options: ProblemOptions = {}): AcmeProblem {
  const { type, detail, subproblems, identifier } = asRecord(document);
  const [first] = Array.isArray(subproblems) ? subproblems : [];
  // An error about several names has the reasons in subproblems.
  if (first !== undefined && shortType(type) === "compound") return problemOf(first, options);
  const { value } = asRecord(identifier);
  const name = options.name ?? (typeof value === "string" ? value : undefined);
  const short = shortType(type);
  return new AcmeProblem(ALIASES[short] ?? short, clean(detail), { ...options, name });
}

/** Returns the problem of a response with an error status. */
export async function problemOfResponse(response: Response): Promise<AcmeProblem> {
  const document = await response.json().catch(() => undefined);
  const retryAfterMs = retryAfterOf(response.headers);
  if (document !== undefined) return problemOf(document, { retryAfterMs });
  return new AcmeProblem("unreachable", `HTTP status ${response.status}.`, { retryAfterMs });
}

/** Returns `Retry-After` (RFC 9110 section 10.2.3) in milliseconds. */
export function retryAfterOf(headers: Headers): number | undefined {
  const text = headers.get("retry-after") ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND_MS;
  const dateMs = Date.parse(text) - Date.now();
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function shortType(type: unknown): string {
  return typeof type === "string" && type.startsWith(ACME_TYPE)
    ? type.slice(ACME_TYPE.length)
    : "other";
}

/** Returns the text of a stranger on one line, without control characters, and not too long. */
function clean(detail: unknown): string {
  const text = typeof detail === "string" ? detail : "no reason.";
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim().slice(0, MAX_DETAIL_LENGTH);
}
