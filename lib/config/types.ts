import type { AddressMatcher, PoolLimits } from "../../smtp/mod.ts";
import type { Secret } from "../base/mod.ts";
import type { AutomaticCertificate } from "./automatic_certificate.ts";
import type { DatabaseConfig } from "./database.ts";
import type { MicrosoftConfig, TargetConfig } from "./microsoft.ts";
import type { Problem } from "./reader.ts";
import type { AppRegistration } from "./registrations.ts";
import type { RegistrationRule } from "./rules.ts";
import type { SmtpConfig } from "./smtp.ts";
import type { HttpConfig, ListenConfig, SessionConfig, SiteContact } from "./web.ts";
import type { SettingInEffect } from "./in_effect.ts";

/** The log. */
interface LogConfig {
  readonly format: "text" | "json";
  readonly level: "debug" | "info" | "warning" | "error";
}

/** The records of recent deliveries. */
export interface ActivityConfig {
  readonly retentionDays: number;
  /** How much of a recipient's address is kept. */
  readonly recipients: "none" | "domains" | "full";
}

/** The configuration as the program uses it: validated, with defaults filled in. */
export interface Config {
  /** At least one. */
  readonly registrations: readonly AppRegistration[];
  /** The registration for new accounts; one of {@linkcode Config.registrations}. */
  readonly defaultClientId: string;
  readonly session: SessionConfig;
  /** The database file, unless there is a {@linkcode Config.database}. */
  readonly sqlitePath: string;
  /** Absent: the database is a file. */
  readonly database?: DatabaseConfig;
  readonly microsoft: MicrosoftConfig;
  readonly target: TargetConfig;
  readonly smtp: SmtpConfig;
  /** Limits of the connections to the submission server. */
  readonly upstream: PoolLimits;
  readonly http: HttpConfig;
  /** The certificate that the program renews automatically, if SMTP or the pages use it. */
  readonly automaticCertificate?: AutomaticCertificate;
  /** Public URL of the web pages without a trailing slash. Absent: taken from each request. */
  readonly publicUrl?: string;
  /** How people reach the operator. */
  readonly siteContact?: SiteContact;
  /** The URL of a page to read mail on; `{address}` stands for the mail address. Absent: Outlook on the web. */
  readonly webmailUrl?: string;
  /** The peers whose `X-Forwarded-*` and PROXY headers are trusted. */
  readonly trustProxy: AddressMatcher;
  /** The account filters that are set, in the order in which they apply. */
  readonly registrationRules: readonly RegistrationRule[];
  readonly log: LogConfig;
  /** Where `/metrics` is served. Absent: metrics are off, and health is served on the web port. */
  readonly metrics?: ListenConfig;
  /** Lower case. */
  readonly adminEmails: readonly string[];
  /** Shown at the top of every page. */
  readonly siteNotice?: string;
  /** A secret, since such URLs often carry a token. */
  readonly alertWebhookUrl?: Secret;
  readonly activity: ActivityConfig;
  /** Former settings that are still set, and risks that the settings bring. */
  readonly warnings: readonly Problem[];
  /** All settings by their names, for display. */
  readonly inEffect: readonly SettingInEffect[];
}
