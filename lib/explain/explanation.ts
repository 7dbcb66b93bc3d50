/**
 * The form of every explanation: the event, who can repair it, and how.
 *
 * @module
 */

/** The one who can repair it. `nobody`: it heals by itself, wait. */
export type Fixer = "user" | "tenant-admin" | "operator" | "nobody";

/** The owner of a personal account has no administrator; an app-only mailbox has nobody who could sign in. */
export type AccountKind = "personal" | "work" | "mailbox";

/** The parts of an explanation that people read. */
export interface Wording {
  /** The event in a few words, without a full stop. */
  readonly title: string;
  /** The reason, in a sentence or two. For an unknown code: Microsoft's own text, sanitised. */
  readonly cause: string;
  readonly fixer: Fixer;
  /** The steps for that person, in a sentence or two. */
  readonly remedy: string;
}

/** One error in words that its reader can act on. */
export interface Explanation extends Wording {
  /** Microsoft's code: "AADSTS7000222", "535 5.7.139", or an OAuth error such as "invalid_grant". */
  readonly code: string;
  /** Microsoft's own text, sanitised. Absent where it gave none, or where it is the cause already. */
  readonly detail?: string;
  /** The line that an administrator types into Exchange Online PowerShell. */
  readonly command?: string;
  /** Short printable ASCII for an SMTP reply. */
  readonly smtpText: string;
  /** Whether this code is in the tables; if not, `cause` is Microsoft's own text. */
  readonly known: boolean;
}

/** The kind of an error of the identity service; it decides about the next step. */
export type SignInOutcome =
  /** Heals by itself: network, timeout, 429, 5xx, something that is not JSON. Try again later. */
  | "temporary"
  /** The grant is dead: only the account's owner or an administrator can help, by a new sign-in. */
  | "sign-in-required"
  /** The app registration is refused (secret wrong or expired, deleted): the operator's to repair, no user's fault. */
  | "registration"
  /** The person pressed "cancel" or refused to consent. */
  | "cancelled"
  /** Refused for another reason; `cause` or `detail` of the explanation is Microsoft's own text. */
  | "refused";

/** The accounts for which the same request fails: this one, those of the organisation, or all of the app registration. */
export type Reach = "account" | "tenant" | "registration";

/** The properties that all errors of one group share. */
interface SignInErrorTraits {
  readonly outcome: SignInOutcome;
  /** Default: `tenant` for `temporary` and `registration`, else `account`. */
  readonly reach?: Reach;
  /** Present: consent of an administrator for the whole organisation helps. A page offers the link. */
  readonly adminConsent?: true;
  /** Other words for the owner of such an account, where they differ. */
  readonly kinds?: Readonly<Partial<Record<AccountKind, Partial<Wording>>>>;
  /** Other words for somebody at the sign-in page. */
  readonly atSignIn?: Partial<Wording>;
}

/** An {@linkcode Explanation} of a failed sign-in or refresh. */
export interface SignInExplanation extends Explanation, SignInErrorTraits {
  readonly reach: Reach;
}

/** Errors of the identity service with the same remedy. */
export interface SignInErrorGroup extends SignInErrorTraits, Pick<Wording, "fixer" | "remedy"> {
  /** "Title. Cause." by AADSTS number or OAuth error code; codes that mean the same are separated by a space. */
  readonly errors: Readonly<Record<string, string>>;
}
