/**
 * The one address of this site at which a sign-in can begin.
 *
 * @module
 */

import { isLoopbackHost } from "../base/mod.ts";

/** Set on the way to the site's address, so that a proxy that hides the address makes no loop. */
const MOVED = "moved";

/**
 * Returns where to send a browser that opened this site at an address of this machine, when its own is another one: Microsoft
 * sends browsers back to the site's address, and there they do not show the cookies of the other.
 *
 * - With a fixed address (`PUBLIC_URL`), a visit to localhost or 127.0.0.1 leads there.
 * - Without one, 127.0.0.1 leads to localhost, which is what app registrations name.
 *
 * @param visited The address of the request, made from its Host header.
 * @param home The same page at the site's own address.
 * @param isFixed Whether that address is a setting.
 * @returns `undefined`: the browser is where it should be.
 */
export function homeAddress(visited: URL, home: URL, isFixed: boolean): URL | undefined {
  const target = new URL(home);
  target.search = visited.search;
  if (!isFixed) {
    const { protocol, hostname } = target;
    const isAddress = isLoopbackHost(hostname) && !hostname.endsWith("localhost");
    if (protocol !== "http:" || !isAddress) return undefined;
    target.hostname = "localhost";
    return target;
  }
  if (
    !isLoopbackHost(visited.hostname) || visited.origin === home.origin ||
    visited.searchParams.has(MOVED)
  ) {
    return undefined;
  }
  target.searchParams.set(MOVED, "1");
  return target;
}
