/**
 * The configuration as the program uses it: validated, with defaults filled in.
 *
 * @module
 */
import type { PoolLimits, ServerLimits, SessionLimits } from "../../smtp/mod.ts";
import type { Secret } from "../base/mod.ts";
import type { AddressMatcher } from "./addresses.ts";
import type { RegistrationRule } from "./rules.ts";

/** An app registration at Microsoft: the OAuth 2.0 client (RFC 6749 section 2). */
export interface AppRegistration {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** PEM files of a certificate chain and its private key. They exist, are readable and belong together. */
export interface CertificateFiles {
  readonly keyFile: string;
  readonly certFile: string;
}

/** The web session. */
export interface SessionConfig {
  readonly cookieName: string;
  /** At least one, each of at least 32 characters: the first encrypts, all decrypt. */
  readonly secrets: readonly Secret[];
}

/** The identity service. */
export interface MicrosoftConfig {
  /** `consumers`, `organizations`, `common`, a tenant's GUID or one of its domains. */
  readonly tenant: string;
  /** Base address without a trailing slash. */
  readonly authority: string;
}

/** The submission server. */
export interface TargetConfig {
  /** Absent: chosen by the kind of the account. */
  readonly host?: string;
  readonly port: number;
  readonly tls: "starttls" | "implicit";
}

/** Listening ports by kind. At least one is given, none twice. */
export interface SmtpPorts {
  readonly plain: readonly number[];
  /** Implicit TLS (RFC 8314). */
  readonly tls: readonly number[];
  /** Plain first, then upgraded (RFC 3207). */
  readonly startTls: readonly number[];
  /** Implicit TLS and STARTTLS on one port, told apart by the client's first octet. */
  readonly autoTls: readonly number[];
}

/** The client-facing SMTP server. */
export interface SmtpConfig {
  /** IP addresses or host names to listen on; all addresses are `0.0.0.0` and `::`, each for its own family. */
  readonly hosts: readonly string[];
  readonly ports: SmtpPorts;
  /** How long an auto port waits for a TLS hello before it greets. */
  readonly inspectionDelayMs: number;
  /** Present whenever a port needs it. */
  readonly certificate?: CertificateFiles;
  /** The name or address that clients connect to. */
  readonly publicHost: string;
  /** Ports shown to users for implicit TLS. */
  readonly publicTlsPorts: readonly number[];
  /** Ports shown to users for STARTTLS. */
  readonly publicStartTlsPorts: readonly number[];
  /** Our name in the greeting and in EHLO: a domain or an address literal (RFC 5321 section 4.1.3). */
  readonly greetingName: string;
  /** Whether peers in {@linkcode Config.trustProxy} send a PROXY header first. */
  readonly proxyProtocol: "off" | "optional" | "required";
  readonly sessionLimits: SessionLimits;
  readonly limits: ServerLimits;
  /** How long a stop waits for messages that are under way. */
  readonly shutdownGraceSeconds: number;
  /** Threads of their own that serve mail clients; 0: the main thread does. */
  readonly workerCount: number;
}

/** Addresses and one port. */
export interface ListenConfig {
  /** As in {@linkcode SmtpConfig.hosts}. */
  readonly hosts: readonly string[];
  readonly port: number;
}

/** The web server. */
export interface HttpConfig extends ListenConfig {
  /** Present: the web server speaks HTTPS. */
  readonly certificate?: CertificateFiles;
}

/** The log. */
export interface LogConfig {
  readonly format: "text" | "json";
  readonly level: "debug" | "info" | "warning" | "error";
}

/** The record of recent deliveries. */
export interface ActivityConfig {
  readonly retentionDays: number;
  /** How much of a recipient's address is kept. */
  readonly recipients: "none" | "domains" | "full";
}

/** The whole configuration. */
export interface Config {
  /** At least one. */
  readonly registrations: readonly AppRegistration[];
  /** The registration for new accounts; one of {@linkcode Config.registrations}. */
  readonly defaultClientId: string;
  readonly session: SessionConfig;
  readonly sqlitePath: string;
  readonly microsoft: MicrosoftConfig;
  readonly target: TargetConfig;
  readonly smtp: SmtpConfig;
  /** The connections to the submission server. */
  readonly upstream: PoolLimits;
  readonly http: HttpConfig;
  /** External address of the web UI without a trailing slash. Absent: taken from each request. */
  readonly publicUrl?: string;
  /** The peers whose `X-Forwarded-*` and PROXY headers are believed. */
  readonly trustProxy: AddressMatcher;
  /** Who may register, in the order in which the rules apply. */
  readonly registrationRules: readonly RegistrationRule[];
  readonly log: LogConfig;
  /** Where `/metrics` listens. Absent: metrics are off, health answers on the web port. */
  readonly metrics?: ListenConfig;
  /** Lower case. */
  readonly adminEmails: readonly string[];
  /** A secret, since such addresses often carry a token. */
  readonly alertWebhookUrl?: Secret;
  readonly activity: ActivityConfig;
}
