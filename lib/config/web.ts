import { type AddressMatcher, addressMatcher } from "../../smtp/mod.ts";
import { Secret } from "../base/mod.ts";
import { isIPv6 } from "node:net";
import type { AutomaticSource } from "./automatic_certificate.ts";
import { type CertificateFiles, parseCertificateFiles } from "./certificate.ts";
import { parseList } from "./list_syntax.ts";
import {
  EMAIL,
  HTTP_PORT,
  HTTPS_PORT,
  parseListenHosts,
  parsePorts,
  parseRange,
  parseUrl,
  RANGE,
  unique,
} from "./network.ts";
import type { Format, SettingsReader } from "./reader.ts";

/** Ports, each of them on all `hosts`. */
export interface ListenConfig {
  /** IP addresses or host names; all addresses are `0.0.0.0` and `::`, each for its own family. */
  readonly hosts: readonly string[];
  /** At least one. */
  readonly ports: readonly number[];
}

/** The web server. */
export interface HttpConfig extends ListenConfig {
  /** Present: the web server speaks HTTPS. */
  readonly certificate?: CertificateFiles;
  /** Port without TLS that redirects to HTTPS. */
  readonly redirectPort?: number;
  /** Whether the program starts even if that port cannot be opened: no setting asks for it, and nothing depends on it. */
  readonly isRedirectOptional?: boolean;
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

const COOKIE_NAME: Format = {
  // RFC 6265 section 4.1.1: a token of RFC 2616.
  isValid: (text) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text),
  fault: "is not a cookie name",
  remedy: "Use only letters, digits, - and _.",
};

const UNPRIVILEGED_PORT = 3000;

/** Parses the settings of the web server. @param smtpHosts The default for its addresses. */
export function parseHttp(
  settings: SettingsReader,
  smtpHosts: readonly string[],
  automatic?: AutomaticSource,
): HttpConfig {
  const own = parseCertificateFiles(settings, "HTTPS_KEY_FILE", "HTTPS_CERT_FILE");
  const certificate = own ?? automatic?.files;
  const isAcme = automatic?.kind === "acme";
  const ports = unique(parsePorts(settings, "HTTP_PORT"));
  return {
    hosts: parseListenHosts(settings, "HTTP_HOST", smtpHosts),
    ports: ports.length > 0 ? ports : [isAcme && !own ? HTTPS_PORT : UNPRIVILEGED_PORT],
    certificate,
    ...parseRedirect(settings, isAcme, certificate, ports),
  };
}

/** Parses the port that redirects. Browsers try port 80 by default, where nothing answers if the pages are on port 443 only. */
function parseRedirect(
  settings: SettingsReader,
  isAcme: boolean,
  certificate: CertificateFiles | undefined,
  ports: readonly number[],
): Pick<HttpConfig, "redirectPort" | "isRedirectOptional"> {
  const redirectPort = settings.optionalInteger("HTTP_REDIRECT_PORT");
  if (redirectPort !== undefined && !certificate && !settings.text("HTTPS_CERT_FILE")) {
    const remedy = "Set ACME_EMAIL or HTTPS_CERT_FILE, or use HTTP_PORT.";
    settings.problem("HTTP_REDIRECT_PORT", "has no effect without HTTPS.", remedy);
  }
  if (redirectPort !== undefined) return { redirectPort };
  if (isAcme) return { redirectPort: HTTP_PORT };
  const isUsual = certificate && ports.includes(HTTPS_PORT) && !ports.includes(HTTP_PORT);
  const isTurnedOff = settings.raw("HTTP_REDIRECT_PORT") !== undefined;
  return isUsual && !isTurnedOff ? { redirectPort: HTTP_PORT, isRedirectOptional: true } : {};
}

/** Returns the URL of pages whose certificate is valid for one host only. */
export function publicUrlOf({ ports: [port] }: HttpConfig, host: string): string {
  const name = isIPv6(host) ? `[${host}]` : host;
  return `https://${name}${port === HTTPS_PORT ? "" : `:${port}`}`;
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

/** Parses the peers whose headers are trusted. */
export function parseTrustProxy(settings: SettingsReader): AddressMatcher {
  const entries = settings.entries("TRUST_PROXY", parseList);
  settings.check("TRUST_PROXY", RANGE, ...entries);
  return addressMatcher(entries.flatMap((entry) => parseRange(entry) ?? []));
}
