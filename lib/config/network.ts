/**
 * Names, addresses, ports and URLs.
 *
 * @module
 */
import { isIP, isIPv6 } from "node:net";
import { isLoopbackHost } from "../base/mod.ts";
import { type SettingsReader, shown } from "./reader.ts";
import type { SettingName } from "./settings.ts";

const MAX_PORT = 65_535;

/** RFC 1123 section 2.1; underscores are common in container networks. */
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

/** Every IPv4 and every IPv6 address of this machine. */
export const ALL_ADDRESSES: readonly string[] = ["0.0.0.0", "::"];

const LOOPBACK_ADDRESSES: readonly string[] = ["127.0.0.1", "::1"];

/** Whether the text is a host name or an IP address without brackets. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || HOST_NAME.test(text) && !/^[\d.]+$/.test(text);
}

/** What a variable says about addresses to listen on. */
export type ListenDefault = "all" | "localhost" | readonly string[];

/** The addresses of a listener. Defined but empty means all. */
export function parseListenHosts(
  settings: SettingsReader,
  name: SettingName,
  fallback: ListenDefault,
): readonly string[] {
  if (settings.raw(name) === undefined) return listenAddresses(fallback);
  const hosts = settings.list(name).map((host) => host.replace(/^\[(.*)\]$/, "$1"));
  if (hosts.length === 0) return ALL_ADDRESSES;
  for (const host of hosts) checkHost(settings, name, host);
  return unique(hosts.flatMap((host) => host === "localhost" ? LOOPBACK_ADDRESSES : [host]));
}

function listenAddresses(fallback: ListenDefault): readonly string[] {
  if (fallback === "all") return ALL_ADDRESSES;
  return fallback === "localhost" ? LOOPBACK_ADDRESSES : fallback;
}

/** A problem unless the text is a host name or an IP address. */
export function checkHost(settings: SettingsReader, name: SettingName, host: string): void {
  if (!isHost(host)) {
    settings.problem(
      name,
      `${shown(host)} is neither a host name nor an IP address.`,
      "Give a name such as smtp.example.com or an address such as 192.0.2.1, without a port.",
    );
  }
}

/** A list of ports and ranges of ports: `465,2525-2527`. */
export function parsePorts(settings: SettingsReader, name: SettingName): number[] {
  return settings.list(name).flatMap((entry) => parsePortRange(settings, name, entry));
}

function parsePortRange(settings: SettingsReader, name: SettingName, entry: string): number[] {
  const [, first = "", last = first] = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(entry) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (from >= 1 && to >= from && to <= MAX_PORT) {
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  }
  settings.problem(
    name,
    `${shown(entry)} is not a port.`,
    `Give numbers from 1 to ${MAX_PORT}, separated by commas, for example 465 or 465,2465.`,
  );
  return [];
}

/** What an address has to be. */
interface UrlRules {
  /** Plain HTTP is allowed only for hosts that mean this machine. */
  readonly secure?: boolean;
  /** A query is allowed. */
  readonly query?: boolean;
  /** The value is a secret: messages do not show it. */
  readonly secret?: boolean;
}

/** An address to which paths can be appended: {@linkcode parseUrl} without a trailing slash. */
export function parseBaseUrl(
  settings: SettingsReader,
  name: SettingName,
  text: string,
  rules?: UrlRules,
): string {
  return parseUrl(settings, name, text, rules).replace(/\/$/, "");
}

/** An `https` or `http` address in its normal form. */
export function parseUrl(
  settings: SettingsReader,
  name: SettingName,
  text: string,
  rules: UrlRules = {},
): string {
  const url = URL.parse(text);
  const reason = url ? urlFault(url, rules) : "is not an address.";
  if (url && reason === undefined) return url.href;
  const hidden = rules.secret || text.includes("@");
  settings.problem(
    name,
    hidden ? `the value ${reason}` : `${shown(text)} ${reason}`,
    "It looks like https://example.com",
  );
  return text;
}

function urlFault(url: URL, rules: UrlRules): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "does not begin with https://.";
  if (rules.secure && url.protocol === "http:" && !isLoopbackHost(url.hostname)) {
    return "has to begin with https://.";
  }
  if (url.username || url.password) return "contains a user name or password.";
  if (url.hash || url.search && !rules.query) return "has more than a host and a path.";
}

/** Whether the text looks like one e-mail address. Whether it exists is not our question. */
export function isEmail(text: string): boolean {
  return /^[^\s@,;]+@[^\s@,;]+$/.test(text);
}

/** The domain or address literal (RFC 5321 section 4.1.3) for a host. */
export function smtpName(host: string): string {
  if (isIP(host) === 0) return host;
  return isIPv6(host) ? `[IPv6:${host}]` : `[${host}]`;
}

/** Each value once, in the order of first appearance. */
export function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
