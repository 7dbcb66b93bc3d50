/**
 * The services that pages use.
 *
 * @module
 */
import type { Accounts, Mailboxes, MailboxProof } from "../accounts/mod.ts";
import type { AdminAccess, Audit, Invitations } from "../admin/mod.ts";
import type { Alerts } from "../alerts/mod.ts";
import type { Clock } from "../base/mod.ts";
import type { CheckResult } from "../checks/mod.ts";
import type { ActivityConfig, Problem, SettingInEffect, SiteContact } from "../config/mod.ts";
import type { SmtpOffer } from "../guides/mod.ts";
import type { ServiceHealth } from "../observers/mod.ts";
import type { Registrations } from "../program/mod.ts";
import type { Replicas } from "../replicas/mod.ts";
import type { Sessions, SignIn, SignUpPolicy } from "../sign_in/mod.ts";
import type {
  AccountRecord,
  AccountStore,
  AppPasswordStore,
  AuditStore,
  DeliveryStore,
} from "../store/mod.ts";
import type { TestMail } from "../test_mail/mod.ts";
import type { Tokens } from "../tokens/mod.ts";
import type { PageCookies } from "./page_cookies.ts";
import type { LiveDeliveries } from "./live_deliveries.ts";
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

/** Facts about the program, for the admin pages. */
export interface ProgramInfo {
  readonly version: string;
  /** Application ids of the app registrations; the first is the one for new accounts. */
  readonly clientIds: readonly string[];
  /** All settings in effect, secrets hidden. */
  readonly settings: readonly SettingInEffect[];
  /** Former settings that are still set, and risks that the settings bring. */
  readonly warnings: readonly Problem[];
}

/** The services behind the pages. Only the methods that they use, so that tests can stand in for them. */
export interface WebServices {
  readonly signIn: Pick<SignIn, "begin" | "complete" | "consentUrl">;
  readonly sessions: Pick<Sessions, "read" | "end">;
  /** `SESSION_COOKIE`. */
  readonly sessionCookie: string;
  readonly store: {
    readonly accounts: Pick<AccountStore, "get" | "list" | "count">;
    readonly appPasswords: Pick<AppPasswordStore, "list" | "countEach">;
    readonly deliveries: Pick<DeliveryStore, "list" | "search" | "counts">;
    readonly audit: Pick<AuditStore, "list">;
  };
  readonly accounts: Pick<
    Accounts,
    | "createAppPassword"
    | "createAppPasswords"
    | "renameAppPassword"
    | "changeAppPassword"
    | "revokeAppPassword"
    | "setShortName"
    | "signOutEverywhere"
    | "delete"
  >;
  readonly mailboxes: Pick<Mailboxes, "registrations" | "add"> & {
    /** Signs in upstream as a mailbox. @param recipient Where a message is sent to as well. @throws {InputError} */
    prove(account: AccountRecord, recipient?: string): Promise<MailboxProof>;
  };
  readonly registrations: Pick<Registrations, "list" | "enterEnd">;
  readonly adminAccess: Pick<AdminAccess, "isLink" | "redeem" | "has" | "end">;
  readonly audit: Pick<Audit, "record">;
  readonly invitations: Pick<Invitations, "create" | "list" | "isOpen" | "revoke">;
  readonly tokens: Pick<Tokens, "status" | "applicationStatus">;
  readonly alerts: Pick<Alerts, "current" | "forAccount">;
  readonly health: Pick<ServiceHealth, "read">;
  /** Looks at the certificates, the account filters and Microsoft's servers. */
  check(): Promise<readonly CheckResult[]>;
  /** Decides who may use the proxy, now. */
  readonly signUpPolicy: Pick<SignUpPolicy, "refusal">;
  readonly live: Pick<LiveDeliveries, "open">;
  readonly testMail: Pick<TestMail, "send" | "servers">;
  readonly cookies: PageCookies;
  readonly site: SiteOptions;
  /** The settings for mail clients. */
  readonly smtp: SmtpOffer;
  readonly activity: ActivityConfig;
  /** In lower case. */
  readonly adminEmails: readonly string[];
  /** `SITE_NOTICE`. */
  readonly siteNotice?: string;
  /** How people reach the operator. */
  readonly contact?: SiteContact;
  /** The address of a mailbox's web page, with `{address}` in the place of the mail address. */
  readonly webmailUrl?: string;
  readonly program: ProgramInfo;
  /** Absent: the database is a file, and this process works alone. */
  readonly replicas?: Pick<Replicas, "list">;
  readonly clock: Clock;
  /** Takes internal errors for the log. */
  report(problem: PageProblem): void;
}
