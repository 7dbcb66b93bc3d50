/** The IPv4 and the IPv6 address of this machine itself. */
export const LOOPBACK_ADDRESSES: readonly string[] = ["127.0.0.1", "::1"];

/** The names by which this machine reaches itself. */
export const LOOPBACK_NAMES: readonly string[] = ["localhost", ...LOOPBACK_ADDRESSES];

const LOOPBACK_HOST = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/** Whether a host name or an address, as in a URL or without brackets, means this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK_HOST.test(hostname);
}
