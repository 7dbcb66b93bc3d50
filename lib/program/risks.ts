/**
 * Settings that are allowed and may still be a mistake.
 *
 * @module
 */
import { addressMatcher, type Config, parseRange } from "../config/mod.ts";

/** A risk that a setting brings. */
export interface Risk {
  readonly setting: string;
  /** What may happen, in a sentence. */
  readonly text: string;
  readonly remedy: string;
}

type Rule = (config: Config) => Risk | undefined;

/** The risks of a configuration. */
export function risksOf(config: Config): readonly Risk[] {
  return RULES.flatMap((rule) => rule(config) ?? []);
}

/** With these, people of more than one organisation may sign in. */
const OPEN_TENANTS = ["consumers", "common", "organizations"];

const RULES: readonly Rule[] = [
  ({ smtp: { ports, hosts, proxyProtocol } }) => {
    if (ports.plain.length === 0 || proxyProtocol === "required" || hosts.every(isPrivate)) return;
    return {
      setting: "SMTP_PORT",
      text: `Port ${ports.plain.join(", ")} takes app passwords without encryption, on addresses ` +
        "that may be reached from outside.",
      remedy:
        "Use SMTP_TLS_PORT or SMTP_STARTTLS_PORT, let SMTP_HOST name a private address, or let a firewall admit " +
        "only the proxy that adds TLS.",
    };
  },
  ({ registrationRules, microsoft: { tenant } }) => {
    if (registrationRules.length > 0 || !OPEN_TENANTS.includes(tenant)) return;
    return {
      setting: "ALLOWED_EMAILS_LIST",
      text: `Anyone with a Microsoft account (MICROSOFT_TENANT=${tenant}) may register here.`,
      remedy: "Set an account filter, such as ALLOWED_EMAILS_LIST or ALLOWED_DOMAINS_LIST.",
    };
  },
  ({ http: { hosts, certificate }, trustProxy, publicUrl }) => {
    const protectedByProxy = trustProxy.ranges.length > 0 || publicUrl?.startsWith("https:");
    if (certificate || protectedByProxy || hosts.every(isLoopback)) return;
    return {
      setting: "HTTPS_CERT_FILE",
      text:
        "The web pages are served without encryption; Microsoft sends browsers back to https only.",
      remedy:
        "Set HTTPS_KEY_FILE and HTTPS_CERT_FILE, or put a reverse proxy in front and name it in TRUST_PROXY.",
    };
  },
  ({ metrics }) => {
    if (!metrics || metrics.hosts.every(isPrivate)) return;
    return {
      setting: "METRICS_HOST",
      text: "Anyone who reaches the metrics port can read the metrics.",
      remedy: "Let METRICS_HOST name a private address, such as 127.0.0.1.",
    };
  },
];

const LOOPBACK = addressMatcher(parseRange("loopback")!);
const PRIVATE = addressMatcher(
  ["loopback", "linklocal", "uniquelocal"].flatMap((name) => parseRange(name)!),
);

function isLoopback(host: string): boolean {
  return host === "localhost" || LOOPBACK.includes(host);
}

/** "All addresses" are not private, and neither is a name that may mean any address. */
function isPrivate(host: string): boolean {
  return host === "localhost" || PRIVATE.includes(host);
}
