import { Secret } from "../base/mod.ts";
import { type AddressMatcher, addressMatcher, parseRange } from "./addresses.ts";
import { parseCertificate } from "./certificate.ts";
import { parseList } from "./list_syntax.ts";
import { parseBaseUrl, parseListenHosts } from "./network.ts";
import { type SettingsReader, shown } from "./reader.ts";
import type { HttpConfig, SessionConfig } from "./types.ts";

const MIN_SECRET_LENGTH = 32;

/** RFC 6265 section 4.1.1: a token of RFC 2616. */
const COOKIE_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** @param smtpHosts The default for the addresses. */
export function parseHttp(settings: SettingsReader, smtpHosts: readonly string[]): HttpConfig {
  return {
    hosts: parseListenHosts(settings, "HTTP_HOST", smtpHosts),
    port: settings.integer("HTTP_PORT"),
    certificate: parseCertificate(settings, "HTTPS_KEY_FILE", "HTTPS_CERT_FILE"),
  };
}

export function parsePublicUrl(settings: SettingsReader): string | undefined {
  const text = settings.text("PUBLIC_URL");
  return text === undefined ? undefined : parseBaseUrl(settings, "PUBLIC_URL", text);
}

export function parseSession(settings: SettingsReader): SessionConfig {
  const secrets = settings.entries("SESSION_SECRET", parseList, { required: true });
  secrets.forEach((secret, index) => {
    if (secret.length < MIN_SECRET_LENGTH) {
      settings.problem(
        "SESSION_SECRET",
        `secret ${index + 1} of ${secrets.length} has ${secret.length} characters; at least ` +
          `${MIN_SECRET_LENGTH} are needed.`,
        "Make one with: openssl rand -base64 33",
      );
    }
  });
  return {
    cookieName: parseCookieName(settings),
    secrets: secrets.map((secret) => new Secret(secret)),
  };
}

function parseCookieName(settings: SettingsReader): string {
  const name = settings.textOrDefault("SESSION_COOKIE");
  if (!COOKIE_NAME.test(name)) {
    settings.problem(
      "SESSION_COOKIE",
      `${shown(name)} is not a cookie name.`,
      "Use letters, digits, - and _ only.",
    );
  }
  return name;
}

export function parseTrustProxy(settings: SettingsReader): AddressMatcher {
  const ranges = settings.entries("TRUST_PROXY", parseList, { required: false }).flatMap(
    (entry) => {
      const parsed = parseRange(entry);
      if (parsed) return parsed;
      settings.problem(
        "TRUST_PROXY",
        `${shown(entry)} is not an address or a range.`,
        "Use addresses such as 192.0.2.1, ranges such as 10.0.0.0/8, or loopback, linklocal, uniquelocal.",
      );
      return [];
    },
  );
  return addressMatcher(ranges);
}
