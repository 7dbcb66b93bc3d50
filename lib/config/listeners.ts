import { isIPv6 } from "node:net";
import { PORT_KINDS, type PortKind } from "../../smtp/mod.ts";
import { ALL_ADDRESSES } from "./network.ts";
import type { Problem } from "./reader.ts";
import { PORT_SETTINGS } from "./smtp.ts";
import type { Config } from "./types.ts";

/** The ports of one setting, each opened on all `hosts`. */
interface Listener {
  readonly variable: string;
  /** Present: ports of the SMTP server. */
  readonly kind?: PortKind;
  readonly hosts: readonly string[];
  readonly ports: readonly number[];
  /** Whether the program starts even if they cannot be opened. */
  readonly optional?: boolean;
}

/** Returns all ports that the program opens. */
export function listenersOf(
  { smtp, http, metrics }: Pick<Config, "smtp" | "http" | "metrics">,
): readonly Listener[] {
  return [
    ...PORT_KINDS.map((kind) => ({
      variable: PORT_SETTINGS[kind],
      kind,
      hosts: smtp.hosts,
      ports: smtp.ports[kind],
    })),
    { variable: "HTTP_PORT", hosts: http.hosts, ports: http.ports },
    ...(http.redirectPort
      ? [{
        variable: "HTTP_REDIRECT_PORT",
        hosts: http.hosts,
        ports: [http.redirectPort],
        optional: http.isRedirectOptional,
      }]
      : []),
    ...(metrics ? [{ variable: "METRICS_PORT", ...metrics }] : []),
  ];
}

/** Returns an error for each port that is opened twice on the same address. */
export function clashes(listeners: readonly Listener[]): Problem[] {
  const taken: { variable: string; hosts: readonly string[]; port: number }[] = [];
  const problems: Problem[] = [];
  for (const { variable, hosts, ports } of listeners) {
    for (const port of ports) {
      const other = taken.find((entry) => entry.port === port && overlap(entry.hosts, hosts));
      if (other) problems.push(clash(variable, port, other.variable));
      else taken.push({ variable, hosts, port });
    }
  }
  return problems;
}

function clash(variable: string, port: number, other: string): Problem {
  const message = other === variable
    ? `names port ${port} twice.`
    : `port ${port} is already taken by ${other}.`;
  return { variable, message, remedy: "Give each port once." };
}

function overlap(some: readonly string[], others: readonly string[]): boolean {
  return some.some((host) => others.some((other) => covers(host, other) || covers(other, host)));
}

function covers(host: string, other: string): boolean {
  return host === other || ALL_ADDRESSES.includes(host) && isIPv6(host) === isIPv6(other);
}
