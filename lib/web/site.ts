/**
 * The address at which browsers reach this site: the origin and path prefix of every address that we give away.
 *
 * @module
 */
import { isIP } from "node:net";
import { HttpError } from "fresh";
import type { AddressMatcher } from "../../smtp/mod.ts";

/** The sources of the site's address. */
export interface SiteOptions {
  /** Fixed address, without a trailing slash; nothing is taken from requests then. */
  readonly publicUrl?: string;
  /** The peers whose `X-Forwarded-*` headers are believed. */
  readonly trustProxy: Pick<AddressMatcher, "includes">;
}

/** The site as a browser sees it. */
export class Site {
  /** Such as `https://mail.example.com`. */
  readonly origin: string;
  /** Path prefix without a trailing slash, such as `/smtp`; empty for none. */
  readonly basePath: string;

  constructor(address: URL) {
    this.origin = address.origin;
    this.basePath = address.pathname.replace(/\/+$/, "");
  }

  /** Whether browsers speak HTTPS with us. */
  get secure(): boolean {
    return this.origin.startsWith("https:");
  }

  /** Puts the prefix before a path of ours, such as `/account`, for links and redirects. */
  path(path: string): string {
    return this.basePath + path;
  }

  /** Takes the prefix off a path as browsers see it. */
  localPath(path: string): string {
    return path.startsWith(`${this.basePath}/`) ? path.slice(this.basePath.length) : path;
  }

  /** Returns a path of ours as a whole address. */
  url(path: string): URL {
    return new URL(this.path(path), this.origin);
  }
}

/**
 * Finds the address of the site as the sender of this request sees it.
 *
 * @param address The request's own address, made from its Host header.
 * @param peer IP address of who has connected; undefined when it is not known.
 * @throws {HttpError} 400 when a trusted proxy's headers make no address.
 */
export function siteOf(
  address: URL,
  headers: Headers,
  peer: string | undefined,
  { publicUrl, trustProxy }: SiteOptions,
): Site {
  if (publicUrl !== undefined) return new Site(new URL(publicUrl));
  if (peer === undefined || !trustProxy.includes(peer)) return new Site(new URL("/", address));
  return new Site(forwardedAddress(address, headers));
}

const HOST = /^[\w.-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/;
const PATH = /^(\/[\w.~%-]+)*\/?$/;

/** From `X-Forwarded-Proto`, `-Host`, `-Port` and `-Path`; what is not given comes from the request itself. */
function forwardedAddress(address: URL, headers: Headers): URL {
  const read = (part: string, pattern: RegExp, fallback: string) => {
    const value = first(headers.get(`x-forwarded-${part}`)) ?? fallback;
    if (pattern.test(value)) return value;
    throw new HttpError(400, `The proxy's header X-Forwarded-${part} is not valid.`);
  };
  const scheme = read("proto", /^https?$/i, address.protocol.slice(0, -1));
  const host = read("host", HOST, address.host);
  const port = read("port", /^\d{0,5}$/, "");
  const site = new URL(`${scheme}://${host}${read("path", PATH, "/")}`);
  if (!/:\d+$/.test(host)) site.port = port;
  return site;
}

/**
 * Finds the IP address of the browser: the last one in `X-Forwarded-For` that is no trusted proxy's.
 *
 * @param peer IP address of who has connected; undefined when it is not known.
 */
export function clientOf(
  headers: Headers,
  peer: string | undefined,
  { trustProxy }: Pick<SiteOptions, "trustProxy">,
): string | undefined {
  const hops = (headers.get("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim());
  let client = peer;
  while (client !== undefined && trustProxy.includes(client) && isIP(hops.at(-1) ?? "") !== 0) {
    client = hops.pop();
  }
  return client;
}

/** Each proxy appends its value; the first is what the browser said. */
function first(value: string | null): string | undefined {
  return value?.split(",", 1)[0]?.trim() || undefined;
}
