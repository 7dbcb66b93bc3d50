/**
 * The ports that the configuration asks for, and why one cannot be opened.
 *
 * @module
 */
import type { PortKind } from "../../smtp/mod.ts";
import { type Config, listenersOf } from "../config/mod.ts";

/** A port to open. */
export interface PortToOpen {
  /** The setting that asks for it. */
  readonly variable: string;
  readonly host: string;
  readonly port: number;
  /** Present: a port of the SMTP server. */
  readonly kind?: PortKind;
  /** Whether other replicas on this machine listen on it, too. */
  readonly reusePort?: boolean;
  /** Whether the program starts without it as well. */
  readonly optional?: boolean;
}

/** A port of the SMTP server. */
type SmtpEndpoint = PortToOpen & Required<Pick<PortToOpen, "kind">>;

/** Returns all ports that the program opens, on the addresses that this machine has. */
export function portsToOpen(config: Config): readonly PortToOpen[] {
  return listenersOf(config).flatMap(({ variable, kind, hosts, ports, optional }) => {
    const [first] = ports;
    const usable = first === undefined ? [] : usableHosts(hosts, first);
    const isShared = kind !== undefined && config.smtp.reusePort;
    const details = { kind, ...(isShared && { reusePort: true }), ...(optional && { optional }) };
    return ports.flatMap((port) => usable.map((host) => ({ variable, host, port, ...details })));
  });
}

/** Returns the ports of the SMTP server. */
export function smtpEndpoints(config: Config): readonly SmtpEndpoint[] {
  return portsToOpen(config).filter((port): port is SmtpEndpoint => port.kind !== undefined);
}

const ALL_IPV4 = "0.0.0.0";
const ALL_IPV6 = "::";

/** Tries an address; injected for tests. */
type CanListen = (host: string, port: number) => boolean;

/**
 * Returns the addresses to open a port on. An address that this machine does not have (many containers lack IPv6) is left
 * out as long as another remains. All IPv6 addresses include all IPv4 addresses.
 */
export function usableHosts(
  hosts: readonly string[],
  port: number,
  tryHost: CanListen = canListen,
): readonly string[] {
  const usable = hosts.filter((host) => tryHost(host, port));
  if (usable.length === 0) return hosts;
  return usable.includes(ALL_IPV6) ? usable.filter((host) => host !== ALL_IPV4) : usable;
}

/** A port that is taken, or not ours to open, tells that the machine has the address. */
function canListen(host: string, port: number): boolean {
  try {
    Deno.listen({ hostname: host, port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied;
  }
}

/** The reason why a port cannot be opened. */
interface PortProblem {
  readonly kind: "taken" | "not-permitted" | "no-such-address" | "other";
  /** The fault, as the rest of a sentence that begins with the port. */
  readonly message: string;
  readonly remedy: string;
}

/** Opens a port for a moment. @returns `undefined` if that worked. */
export function portProblem(
  { host, port, reusePort = false }: PortToOpen,
): PortProblem | undefined {
  try {
    Deno.listen({ hostname: host, port, reusePort }).close();
  } catch (error) {
    const [, problem] = PROBLEMS.find(([type]) => error instanceof type) ?? [];
    const message = `cannot be opened: ${(error as Error).message}`;
    return problem ?? { kind: "other", message, remedy: "See the cause." };
  }
}

const PROBLEMS: readonly (readonly [new (message: string) => Error, PortProblem])[] = [
  [Deno.errors.AddrInUse, {
    kind: "taken",
    message: "is in use by another program",
    remedy:
      "Stop that program, or choose another port. On Linux, `ss -ltnp` shows which one it is.",
  }],
  [Deno.errors.PermissionDenied, {
    kind: "not-permitted",
    message: "may not be opened by this user",
    remedy:
      "Ports below 1024 need a privilege: AmbientCapabilities=CAP_NET_BIND_SERVICE with systemd, " +
      "sysctl net.ipv4.ip_unprivileged_port_start with containers; or choose a higher port and redirect.",
  }],
  [Deno.errors.NotCapable, {
    kind: "not-permitted",
    message: "may not be opened: Deno has no permission for it",
    remedy: "Give Deno --allow-net for this address.",
  }],
  [Deno.errors.AddrNotAvailable, {
    kind: "no-such-address",
    message: "cannot be opened: this machine has no such address",
    remedy: "Correct the address, or set it to nothing for all addresses.",
  }],
];
