/**
 * The form of every explanation: the event, who can repair it, and how.
 *
 * @module
 */

/** The one who can repair it. `nobody`: it heals by itself, wait. */
export type Fixer = "user" | "tenant-admin" | "operator" | "nobody";

/** One error in words that its reader can act on. */
export interface Explanation {
  /** Microsoft's code: "AADSTS7000222", "535 5.7.139", or an OAuth error such as "invalid_grant". */
  readonly code: string;
  /** The event in a few words, without a full stop. */
  readonly title: string;
  /** The reason, in a sentence or two. For an unknown code: Microsoft's own text, sanitised. */
  readonly cause: string;
  readonly fixer: Fixer;
  /** The steps for that person, in a sentence or two. */
  readonly remedy: string;
  /** The line that an administrator types into Exchange Online PowerShell. */
  readonly command?: string;
  /** Short printable ASCII for an SMTP reply. */
  readonly smtpText: string;
  /** Whether this code is in the tables; if not, `cause` is Microsoft's own text. */
  readonly known: boolean;
}

/** The kind of an error of the identity service; see `MicrosoftFailure` in `lib/microsoft`. */
export type SignInOutcome = "temporary" | "sign-in-required" | "registration" | "cancelled";

/** An {@linkcode Explanation} of a failed sign-in or refresh. */
export interface SignInExplanation extends Explanation {
  /** Absent when the code is unknown. */
  readonly outcome?: SignInOutcome;
}

/** Errors of the identity service with the same remedy. */
export interface SignInErrorGroup {
  readonly outcome: SignInOutcome;
  readonly fixer: Fixer;
  readonly remedy: string;
  /** Title and cause by AADSTS number or OAuth error code; codes that mean the same are separated by a space. */
  readonly errors: Readonly<Record<string, readonly [title: string, cause: string]>>;
}
