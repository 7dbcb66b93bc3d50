import type { Config } from "./types.ts";

/** The configuration as plain data for display. Secrets are replaced, patterns and address sets are text. */
export function describeConfig(config: Config): Record<string, unknown> {
  const text = JSON.stringify(
    config,
    (_key, value) => value instanceof RegExp ? value.source : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}
