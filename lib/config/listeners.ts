import { isIPv6 } from "node:net";
import { ALL_ADDRESSES } from "./network.ts";
import type { SettingsReader } from "./reader.ts";
import type { SettingName } from "./settings.ts";

/** Ports that a setting opens on some addresses. */
export interface Listener {
  readonly variable: SettingName;
  readonly hosts: readonly string[];
  readonly ports: readonly number[];
}

/** Reports each port that two settings, or one setting twice, open on the same address. */
export function checkClashes(settings: SettingsReader, listeners: readonly Listener[]): void {
  const taken: { variable: SettingName; hosts: readonly string[]; port: number }[] = [];
  for (const { variable, hosts, ports } of listeners) {
    for (const port of ports) {
      const other = taken.find((entry) => entry.port === port && overlap(entry.hosts, hosts));
      if (other) reportClash(settings, variable, port, other.variable);
      else taken.push({ variable, hosts, port });
    }
  }
}

function reportClash(
  settings: SettingsReader,
  variable: SettingName,
  port: number,
  other: SettingName,
): void {
  settings.problem(
    variable,
    other === variable ? `names port ${port} twice.` : `port ${port} is already taken by ${other}.`,
    "Give each port once.",
  );
}

function overlap(some: readonly string[], others: readonly string[]): boolean {
  return some.some((host) => others.some((other) => covers(host, other) || covers(other, host)));
}

function covers(host: string, other: string): boolean {
  return host === other || ALL_ADDRESSES.includes(host) && isIPv6(host) === isIPv6(other);
}
