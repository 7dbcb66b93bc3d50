/**
 * The time that a client waits for the reply to AUTH.
 *
 * @module
 */
import type { ClientInfo } from "../backend.ts";
import { addressMatcher } from "../net/mod.ts";

/** Gmail's "Send mail as" gives up ten seconds after it connects; the greeting, TLS and EHLO take some of them. */
const SHORT_TIMEOUT_MS = 8_000;

/** Clients with the short timeout: Gmail, and the test mail of our own web page, where a person is waiting. */
const SHORT_TIMEOUT_NAMES = [".google.com", ".localhost"];

/** For all others: mail programs and devices wait for at least half a minute. */
const TIMEOUT_MS = 30_000;

/** Google's mail servers, as in the SPF record of `_spf.google.com`. */
const GOOGLE_NETWORKS = addressMatcher([
  "35.190.247.0/24",
  "64.233.160.0/19",
  "66.102.0.0/20",
  "66.249.80.0/20",
  "72.14.192.0/18",
  "74.125.0.0/16",
  "108.177.8.0/21",
  "108.177.96.0/19",
  "172.217.0.0/16",
  "172.253.56.0/21",
  "172.253.112.0/20",
  "173.194.0.0/16",
  "209.85.128.0/17",
  "216.58.192.0/19",
  "216.239.32.0/19",
  "2001:4860:4000::/36",
  "2404:6800:4000::/36",
  "2607:f8b0:4000::/36",
  "2800:3f0:4000::/36",
  "2a00:1450:4000::/36",
  "2c0f:fb50:4000::/36",
]);

/** Returns how long a client waits for the reply to AUTH, in milliseconds. A client that gives a false name harms only itself. */
export function authTimeoutMs({ helo, address }: Pick<ClientInfo, "helo" | "address">): number {
  const name = helo.toLowerCase();
  const isShort = SHORT_TIMEOUT_NAMES.some((end) => name.endsWith(end)) ||
    GOOGLE_NETWORKS.includes(address);
  return isShort ? SHORT_TIMEOUT_MS : TIMEOUT_MS;
}
