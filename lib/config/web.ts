import { type AddressMatcher, addressMatcher } from "../../smtp/mod.ts";
import { Secret } from "../base/mod.ts";
import { type CertificateFiles, parseCertificateFiles } from "./certificate.ts";
import { parseList } from "./list_syntax.ts";
import { EMAIL, parseListenHosts, parseRange, parseUrl } from "./network.ts";
import type { Form, SettingsReader } from "./reader.ts";

/** Addresses and one port. */
export interface ListenConfig {
  /** IP addresses or host names; all addresses are `0.0.0.0` and `::`, each for its own family. */
  readonly hosts: readonly string[];
  readonly port: number;
}

/** The web server. */
export interface HttpConfig extends ListenConfig {
  /** Present: the web server speaks HTTPS. */
  readonly certificate?: CertificateFiles;
}

/** The web session. */
export interface SessionConfig {
  readonly cookieName: string;
  /** At least one, each of at least 32 characters: the first encrypts, all decrypt. */
  readonly secrets: readonly Secret[];
}

/** How people reach the operator. */
export interface SiteContact {
  /** A mail address, or the address of a page. */
  readonly text: string;
  /** The same as the target of a link. */
  readonly href: string;
}

const MIN_SECRET_LENGTH = 32;

const COOKIE_NAME: Form = {
  // RFC 6265 section 4.1.1: a token of RFC 2616.
  isValid: (text) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text),
  fault: "is not a cookie name",
  remedy: "Use only letters, digits, - and _.",
};

/** Parses the settings of the web server. @param smtpHosts The default for its addresses. */
export function parseHttp(settings: SettingsReader, smtpHosts: readonly string[]): HttpConfig {
  return {
    hosts: parseListenHosts(settings, "HTTP_HOST", smtpHosts),
    port: settings.integer("HTTP_PORT"),
    certificate: parseCertificateFiles(settings, "HTTPS_KEY_FILE", "HTTPS_CERT_FILE"),
  };
}

/** Parses the settings of the web session. */
export function parseSession(settings: SettingsReader): SessionConfig {
  const secrets = settings.entries("SESSION_SECRET", parseList, true);
  secrets.forEach(({ length }, index) => {
    if (length >= MIN_SECRET_LENGTH) return;
    settings.problem(
      "SESSION_SECRET",
      `secret ${index + 1} of ${secrets.length} has ${length} characters; at least ` +
        `${MIN_SECRET_LENGTH} are needed.`,
      "Create one with: openssl rand -base64 33",
    );
  });
  const cookieName = settings.textOrDefault("SESSION_COOKIE");
  settings.check("SESSION_COOKIE", COOKIE_NAME, cookieName);
  return { cookieName, secrets: secrets.map((secret) => new Secret(secret)) };
}

/** Parses how people reach the operator: a mail address or a URL. */
export function parseSiteContact(settings: SettingsReader): SiteContact | undefined {
  const text = settings.text("SITE_CONTACT");
  if (text === undefined) return undefined;
  if (EMAIL.isValid(text)) return { text, href: `mailto:${text}` };
  return { text, href: parseUrl(settings, "SITE_CONTACT", text, { query: true }) };
}

/** Parses the address of people's mail on the web. */
export function parseWebmailUrl(settings: SettingsReader): string | undefined {
  const text = settings.text("WEBMAIL_URL");
  if (text === undefined) return undefined;
  parseUrl(settings, "WEBMAIL_URL", text.replaceAll("{address}", "address"), { query: true });
  return text;
}

/** Parses the peers whose headers are believed. */
export function parseTrustProxy(settings: SettingsReader): AddressMatcher {
  const entries = settings.entries("TRUST_PROXY", parseList);
  settings.check("TRUST_PROXY", {
    isValid: (entry) => parseRange(entry) !== undefined,
    fault: "is not an address or a range",
    remedy:
      "Use addresses such as 192.0.2.1, ranges such as 10.0.0.0/8, or loopback, linklocal, uniquelocal.",
  }, ...entries);
  return addressMatcher(entries.flatMap((entry) => parseRange(entry) ?? []));
}
