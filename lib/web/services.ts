/**
 * What the pages need from the rest of the program.
 *
 * @module
 */
import type { Accounts } from "../accounts.ts";
import type { SmtpConfig } from "../config/types.ts";
import type { Sessions } from "../session_cookie.ts";
import type { SignIn } from "../sign_in.ts";
import type { AccountStore, AppPasswordStore } from "../store/store.ts";
import type { SiteOptions } from "./site.ts";

/** An internal error behind an error page. */
export interface PageProblem {
  /** For the log alone. */
  readonly error: unknown;
  /** Shown on the page, so that the log line can be found. */
  readonly reference: string;
  readonly method: string;
  /** Without the query, which may carry secrets. */
  readonly path: string;
}

/** What the pages need. Only the methods that they use, so that tests can stand in for them. */
export interface WebServices {
  readonly signIn: Pick<SignIn, "begin" | "complete">;
  readonly sessions: Pick<Sessions, "read" | "end">;
  readonly store: {
    readonly accounts: Pick<AccountStore, "get">;
    readonly appPasswords: Pick<AppPasswordStore, "list">;
  };
  readonly accounts: Pick<Accounts, "createAppPassword" | "revokeAppPassword" | "delete">;
  readonly site: SiteOptions;
  /** What to enter in a mail client. */
  readonly smtp: Pick<
    SmtpConfig,
    "publicHost" | "publicTlsPorts" | "publicStartTlsPorts" | "ports"
  >;
  /** Takes internal errors for the log. */
  report(problem: PageProblem): void;
}
