/**
 * Which of the configured addresses this machine can listen on.
 *
 * @module
 */

const ALL_IPV4 = "0.0.0.0";
const ALL_IPV6 = "::";

/** Tries an address; injected. */
export type CanListen = (host: string) => boolean;

/** Opens a free port for a moment. */
export function canListen(host: string): boolean {
  try {
    Deno.listen({ hostname: host, port: 0 }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}

/**
 * The addresses to open ports on. One that this machine does not have (many containers lack IPv6) is left out as long as
 * another remains; all IPv6 addresses include all IPv4 addresses.
 */
export function usableHosts(
  hosts: readonly string[],
  tryHost: CanListen = canListen,
): readonly string[] {
  const usable = hosts.filter(tryHost);
  if (usable.length === 0) return hosts;
  return usable.includes(ALL_IPV6) ? usable.filter((host) => host !== ALL_IPV4) : usable;
}
