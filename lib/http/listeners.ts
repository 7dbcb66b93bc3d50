/**
 * The ports that the configuration asks for, and why one cannot be opened.
 *
 * @module
 */
import type { Config, ListenConfig, SmtpPorts } from "../config/mod.ts";
import { usableHosts } from "./listen_hosts.ts";

/** How a port of the SMTP server begins; see `PortKind` in `smtp/transport.ts`. */
export type SmtpPortKind = "plain" | "tls" | "starttls" | "auto";

/** A port to open. */
export interface PortToOpen {
  /** The setting that asks for it. */
  readonly variable: string;
  readonly host: string;
  readonly port: number;
}

/** A port of the SMTP server. */
export interface SmtpEndpoint extends PortToOpen {
  readonly kind: SmtpPortKind;
}

const SMTP_PORTS: readonly (readonly [keyof SmtpPorts, SmtpPortKind, variable: string])[] = [
  ["plain", "plain", "SMTP_PORT"],
  ["tls", "tls", "SMTP_TLS_PORT"],
  ["startTls", "starttls", "SMTP_STARTTLS_PORT"],
  ["autoTls", "auto", "SMTP_AUTOTLS_PORT"],
];

/** The ports of the SMTP server, on the addresses that this machine has. */
export function smtpEndpoints({ smtp: { hosts, ports } }: Config): readonly SmtpEndpoint[] {
  const usable = usableHosts(hosts);
  return SMTP_PORTS.flatMap(([key, kind, variable]) =>
    ports[key].flatMap((port) => usable.map((host) => ({ variable, kind, host, port })))
  );
}

/** All ports that the program opens. */
export function portsToOpen(config: Config): readonly PortToOpen[] {
  const { http, metrics } = config;
  return [
    ...smtpEndpoints(config),
    ...onEachHost("HTTP_PORT", http),
    ...(metrics ? onEachHost("METRICS_PORT", metrics) : []),
  ];
}

function onEachHost(variable: string, { hosts, port }: ListenConfig): readonly PortToOpen[] {
  return usableHosts(hosts).map((host) => ({ variable, host, port }));
}

/** Why a port cannot be opened. */
export interface PortProblem {
  readonly kind: "taken" | "not-permitted" | "no-such-address" | "other";
  /** What is wrong, as the rest of a sentence that begins with the port. */
  readonly message: string;
  readonly remedy: string;
}

/** Opens a port for a moment. @returns undefined when that worked. */
export function portProblem({ host, port }: PortToOpen): PortProblem | undefined {
  try {
    Deno.listen({ hostname: host, port }).close();
    return undefined;
  } catch (error) {
    const [, problem] = PROBLEMS.find(([type]) => error instanceof type) ?? [];
    return problem ?? {
      kind: "other",
      message: `cannot be opened: ${(error as Error).message}`,
      remedy: "See the cause.",
    };
  }
}

const PROBLEMS: readonly (readonly [new (message: string) => Error, PortProblem])[] = [
  [Deno.errors.AddrInUse, {
    kind: "taken",
    message: "is in use by another program",
    remedy:
      "Stop that program, or choose another port. On Linux, `ss -ltnp` tells which one it is.",
  }],
  [Deno.errors.PermissionDenied, {
    kind: "not-permitted",
    message: "may not be opened by this user",
    remedy:
      "Ports below 1024 need a right: AmbientCapabilities=CAP_NET_BIND_SERVICE with systemd, " +
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
    remedy: "Correct the address, or leave the setting empty for all addresses.",
  }],
];
