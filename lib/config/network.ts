/**
 * Host names, addresses, ports and URLs.
 *
 * @module
 */
import { isIP, isIPv6 } from "node:net";
import { isLoopbackHost, LOOPBACK_ADDRESSES } from "../base/mod.ts";
import { type AddressMatcher, addressMatcher, canonicalAddress } from "../../smtp/mod.ts";
import { type Format, type SettingsReader, shown } from "./reader.ts";
import { PORT_RANGE } from "./settings/setting.ts";
import { rangeText, type SettingName } from "./settings/table.ts";

/** The ports of HTTP, HTTPS, and message submission over implicit TLS (RFC 8314 section 3.3). */
export const HTTP_PORT = 80;
export const HTTPS_PORT = 443;
export const IMPLICIT_TLS_PORT = 465;

/** RFC 1123 section 2.1. Underscores are common in container networks. */
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

/** Every IPv4 and every IPv6 address of this machine. */
export const ALL_ADDRESSES: readonly string[] = ["0.0.0.0", "::"];

/** Returns the address by which this machine reaches a port of its own that listens on `host`. */
export function reachableHost(host: string): string {
  return LOOPBACK_ADDRESSES[ALL_ADDRESSES.indexOf(host)] ?? host;
}

/** Whether the text is a host name or an IP address without brackets. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || HOST_NAME.test(text) && !/^[\d.]+$/.test(text);
}

/** Removes the brackets around an IPv6 address, as URLs have them. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/** Returns the host and the port of an `http` or `https` URL. */
export function endpointOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === "https:" ? HTTPS_PORT : HTTP_PORT;
  return { host: withoutBrackets(hostname), port: Number(port) || usual };
}

/** Domains of local networks; RFC 6762, RFC 8375 and ICANN reserve some of them. */
const LOCAL_DOMAIN = /\.(corp|home|home\.arpa|internal|lan|local)$/i;

/** Whether a host is a name that can exist in the public DNS. */
export function isPublicName(host: string): boolean {
  return isIP(host) === 0 && host.includes(".") && !isLoopbackHost(host) &&
    !LOCAL_DOMAIN.test(host);
}

/** Quotes and white space that are copied together with a text. */
const AROUND = /^["'`\s]+|["'`\s]+$/g;

/**
 * Returns the host that a text was meant to be: a URL, or a name with a final dot or with letters beyond ASCII.
 *
 * @param mayHavePort Whether a port in the text is ignored.
 */
export function hostWithin(text: string, mayHavePort = false): string | undefined {
  const bare = text.replace(AROUND, "");
  if (isIP(bare)) return bare;
  const url = URL.parse(bare.replace(/^([a-z]+:\/\/)?/i, "https://"));
  if (!url || url.username || url.port && !mayHavePort) return undefined;
  const host = withoutBrackets(url.hostname).replace(/\.$/, "");
  // A URL turns "10" into an address.
  return isHost(host) && (!isIP(host) || bare.includes(host)) ? host : undefined;
}

/** The format of a host. */
export const HOST: Format = {
  isValid: isHost,
  fault: "is neither a host name nor an IP address",
  remedy: "Give a name such as smtp.example.com or an address such as 192.0.2.1, without a port.",
};

/** Returns the format of a host, with a remedy that names the host that was probably meant. */
export function hostFormat(text: string): Format {
  const meant = hostWithin(text, true);
  return meant === undefined ? HOST : { ...HOST, remedy: `Write it as ${meant}` };
}

/** Parses the addresses of a listener. If the setting is empty, they are all addresses. */
export function parseListenHosts(
  settings: SettingsReader,
  name: SettingName,
  fallback: readonly string[],
): readonly string[] {
  if (settings.raw(name) === undefined) return fallback;
  const hosts = settings.list(name).map(withoutBrackets);
  if (hosts.length === 0) return ALL_ADDRESSES;
  settings.check(name, HOST, ...hosts);
  return unique(hosts.flatMap((host) => host === "localhost" ? LOOPBACK_ADDRESSES : [host]));
}

/** Parses a list of ports and ranges of ports: `465,2525-2527`. */
export function parsePorts(settings: SettingsReader, name: SettingName): number[] {
  return settings.list(name).flatMap((entry) => {
    const [, first = "", last = first] = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(entry) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (from >= PORT_RANGE.min && to >= from && to <= PORT_RANGE.max) {
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    }
    const allowed = `numbers from ${rangeText(PORT_RANGE)}, separated by commas`;
    const remedy = `Give ${allowed}, for example 465 or 465,2465.`;
    settings.problem(name, `${shown(entry)} is not a port.`, remedy);
    return [];
  });
}

/** Requirements for a URL. */
interface UrlRules {
  /** Plain HTTP is allowed only for this machine. */
  readonly secure?: boolean;
  /** A query is allowed. */
  readonly query?: boolean;
  /** The URL is a secret, so messages do not show it. */
  readonly secret?: boolean;
}

/** Parses a URL that paths can be appended to: {@linkcode parseUrl} without a trailing slash. */
export function parseBaseUrl(
  settings: SettingsReader,
  name: SettingName,
  text: string,
  rules?: UrlRules,
): string {
  return parseUrl(settings, name, text, rules).replace(/\/$/, "");
}

/** Parses an `https` or `http` URL and returns its normal form. */
export function parseUrl(
  settings: SettingsReader,
  name: SettingName,
  text: string,
  rules: UrlRules = {},
): string {
  const url = URL.parse(text);
  const fault = url ? urlFault(url, rules) : "is not a URL.";
  if (url && fault === undefined) return url.href;
  const hidden = rules.secret || text.includes("@");
  settings.problem(
    name,
    hidden ? `the value ${fault}` : `${shown(text)} ${fault}`,
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
  if (url.hash || url.search && !rules.query) return "contains more than a host and a path.";
}

/** Whether the text looks like an e-mail address. */
export function isEmail(text: string): boolean {
  return /^[^\s@,;]+@[^\s@,;]+$/.test(text);
}

/** The format of an e-mail address. */
export const EMAIL: Format = {
  isValid: isEmail,
  fault: "is not an e-mail address",
  remedy: "Give addresses such as name@example.com, separated by commas.",
};

/** Returns the domain or address literal of a host (RFC 5321 section 4.1.3). */
export function smtpName(host: string): string {
  if (isIP(host) === 0) return host;
  return isIPv6(host) ? `[IPv6:${host}]` : `[${host}]`;
}

/** Returns each value once, in the order of first appearance. */
export function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** Names of well-known ranges. */
const NAMED_RANGES: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["linklocal", ["169.254.0.0/16", "fe80::/10"]],
  ["uniquelocal", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
]);

/** All private ranges. */
export const PRIVATE_RANGES: readonly string[] = [...NAMED_RANGES.values()].flat();

const IPV4_BITS = 32;
const IPV6_BITS = 128;

/**
 * Returns the ranges that an entry stands for, in CIDR notation.
 *
 * @param entry An address, a range as `10.0.0.0/8` or `10.0.0.0/255.0.0.0`, or `loopback`, `linklocal`, `uniquelocal`.
 * @returns `undefined` for anything else and for the whole Internet (`/0`).
 */
export function parseRange(entry: string): readonly string[] | undefined {
  const named = NAMED_RANGES.get(entry.toLowerCase());
  if (named) return named;
  const [address = "", mask, ...rest] = entry.split("/");
  if (isIP(address) === 0 || rest.length > 0) return undefined;
  // An IPv4-mapped address, or one with a zone, would never match.
  const isMapped = isIPv6(address) && !isIPv6(canonicalAddress(address));
  if (isMapped || address.includes("%")) return undefined;
  const bits = isIPv6(address) ? IPV6_BITS : IPV4_BITS;
  const length = mask === undefined ? bits : prefixLength(mask, bits);
  if (length === undefined || length < 1 || length > bits) return undefined;
  return [`${address}/${length}`];
}

/** The format of an entry for {@linkcode parseRange}. */
export const RANGE: Format = {
  isValid: (entry) => parseRange(entry) !== undefined,
  fault: "is not an address or a range",
  remedy:
    "Use addresses such as 192.0.2.1, ranges such as 10.0.0.0/8, or loopback, linklocal, uniquelocal.",
};

/** Returns the length of a network prefix, given as a number or as a dotted netmask. */
function prefixLength(mask: string, bits: number): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  if (isIP(mask) !== 4 || bits !== IPV4_BITS) return undefined;
  const octets = mask.split(".").map((octet) => Number(octet).toString(2).padStart(8, "0"));
  const binary = octets.join("");
  return /^1*0*$/.test(binary) ? binary.lastIndexOf("1") + 1 : undefined;
}

/** Matches the addresses of this machine and of private networks. */
export const PRIVATE_ADDRESSES: AddressMatcher = addressMatcher(PRIVATE_RANGES);
