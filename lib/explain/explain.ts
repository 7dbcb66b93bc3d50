/**
 * Microsoft's error codes and SMTP replies in words: what happened, who can repair it, and how.
 *
 * @module
 */
import { SIGN_IN_ERRORS, type SignInOutcome } from "./sign_in_errors.ts";
import { SMTP_REPLIES, type SmtpReplyRow } from "./smtp_replies.ts";

/** Who can repair it. `nobody`: it heals by itself, wait. */
export type Fixer = "user" | "tenant-admin" | "operator" | "nobody";

/** One error in words that its reader can act on. */
export interface Explanation {
  /** Microsoft's code: "AADSTS7000222", "535 5.7.139", or an OAuth error such as "invalid_grant". */
  readonly code: string;
  /** What happened, in a few words, without a full stop. */
  readonly title: string;
  /** Why, in a sentence or two. For an unknown code: Microsoft's own text, sanitised. */
  readonly cause: string;
  readonly fixer: Fixer;
  /** What that person does, in a sentence or two. */
  readonly remedy: string;
  /** The line that an administrator types into Exchange Online PowerShell. */
  readonly command?: string;
  /** Short printable ASCII for an SMTP reply. */
  readonly smtpText: string;
  /** Whether this code is in the tables; if not, `cause` is Microsoft's own text. */
  readonly known: boolean;
}

/** An {@linkcode Explanation} of a failed sign-in or refresh. */
export interface SignInExplanation extends Explanation {
  /** What the error calls for; absent when the code is unknown. */
  readonly outcome?: SignInOutcome;
}

/** Longest text of Microsoft's that is passed on, in UTF-16 units. */
const MAX_PASSED_TEXT = 300;
/** Leaves room in a reply line of 512 octets (RFC 5321 section 4.5.3.1.5). */
const MAX_SMTP_TEXT = 200;

const AADSTS_CODE = /\bAADSTS(\d{4,9})\b/;
const ENHANCED_CODE = /^\s*([245]\.\d{1,3}\.\d{1,3})\b/;

/**
 * Explains an error of the identity service.
 *
 * @param error The OAuth error code ("invalid_grant") or an AADSTS code ("AADSTS70008").
 * @param description Microsoft's own text (`error_description`); an AADSTS number in it is more telling than the error code.
 */
export function explainSignInError(error: string, description = ""): SignInExplanation {
  const number = AADSTS_CODE.exec(`${error} ${description}`)?.[1];
  const row = SIGN_IN_ERRORS.get(number ?? error) ?? SIGN_IN_ERRORS.get(error);
  const code = number ? `AADSTS${number}` : sanitizeText(error) || "unknown_error";
  if (!row) return unknownSignInError(code, description);
  return { ...row, code, smtpText: toSmtpText(row.title), known: true };
}

/** Explains an account's stored reason, as `AccountRecord.stateReason` keeps it. */
export function explainReason(reason: string | undefined): SignInExplanation {
  return explainSignInError(reason ?? "invalid_grant");
}

/**
 * What a mail client is told when its account has to sign in again: what to do first, then why.
 *
 * @param reason As `AccountRecord.stateReason` keeps it.
 * @param publicUrl Address of the web pages, where it is known.
 */
export function signInRequiredText(reason: string | undefined, publicUrl?: string): string {
  const { smtpText, code } = explainReason(reason);
  const where = publicUrl ? `at ${publicUrl}` : "on the proxy's web page";
  return toSmtpText(`Sign in with Microsoft again ${where} - ${smtpText} (${code})`);
}

/**
 * Explains a reply of the submission server.
 *
 * @param text The reply's text with its enhanced code, e.g. `5.7.139 Authentication unsuccessful, …`.
 * @param mailbox Put into the administrator's command.
 * @returns `undefined` for a reply that is no error (2yz, 3yz).
 */
export function explainSmtpReply(
  replyCode: number,
  text: string,
  mailbox?: string,
): Explanation | undefined {
  if (replyCode < 400) return undefined;
  const enhancedCode = ENHANCED_CODE.exec(text)?.[1];
  const code = enhancedCode ? `${replyCode} ${enhancedCode}` : `${replyCode}`;
  const row = SMTP_REPLIES.find((row) => matches(row, replyCode, enhancedCode, text));
  if (!row) return unknownSmtpReply(code, replyCode, text);
  const { title, cause, fixer, remedy, smtpText } = row;
  const command = row.command && fillIn(row.command, mailbox);
  return { code, title, cause, fixer, remedy, smtpText, known: true, ...(command && { command }) };
}

/**
 * Text of a stranger for display: one line without control, format or bidirectional characters, not too long, and without
 * the trace identifiers that Microsoft appends.
 */
export function sanitizeText(text: string, maxLength = MAX_PASSED_TEXT): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ")
    .replace(/\s*Trace ID:.*$/i, "")
    .replace(/ {2,}/g, " ")
    .trim();
  return line.length > maxLength ? `${line.slice(0, maxLength - 1).trimEnd()}…` : line;
}

/** Text for an SMTP reply: printable ASCII on one line. */
export function toSmtpText(text: string): string {
  return sanitizeText(text, MAX_SMTP_TEXT).replaceAll("…", "...").replaceAll("’", "'")
    .replace(/[“”]/g, '"').replace(/[^\x20-\x7e]/g, "?");
}

function unknownSignInError(code: string, description: string): SignInExplanation {
  return {
    code,
    title: "Microsoft refused the request",
    cause: sanitizeText(description) || "Microsoft gave no reason.",
    fixer: "operator",
    remedy: `Search Microsoft's documentation for ${code}, or ask the operator of this proxy.`,
    smtpText: toSmtpText(`Microsoft refused the request (${code})`),
    known: false,
  };
}

function unknownSmtpReply(code: string, replyCode: number, text: string): Explanation {
  const temporary = replyCode < 500;
  return {
    code,
    title: temporary ? "Microsoft could not take the message now" : "Microsoft refused the message",
    cause: sanitizeText(text) || "Microsoft gave no reason.",
    fixer: temporary ? "nobody" : "user",
    remedy: temporary
      ? "Nothing to do: mail programs try again by themselves."
      : `Search Microsoft's documentation for ${code}.`,
    smtpText: toSmtpText(text) || `Microsoft replied ${code}`,
    known: false,
  };
}

function matches(
  row: SmtpReplyRow,
  replyCode: number,
  enhancedCode: string | undefined,
  text: string,
): boolean {
  return row.replyCode === replyCode &&
    (row.enhancedCode === undefined || row.enhancedCode === enhancedCode) &&
    (row.text === undefined || row.text.test(text));
}

/** A mailbox with characters that mean something to PowerShell is not put into a command that people paste. */
function fillIn(command: string, mailbox: string | undefined): string {
  const safe = mailbox !== undefined && /^[\w.+@-]+$/.test(mailbox) && !mailbox.startsWith("-");
  return command.replace("{mailbox}", safe ? mailbox : "MAILBOX");
}
