/**
 * What a check finds.
 *
 * @module
 */
import { errorText } from "../../base/mod.ts";

export type Status = "ok" | "warning" | "failure";

/** One thing that was looked at. */
export interface Finding {
  readonly status: Status;
  /** A sentence without a full stop. */
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** A part of `check`. */
export interface Check {
  /** A word for the first column. */
  readonly name: string;
  /** Looks. What it throws is a failure, too. */
  run(): Promise<readonly Finding[]>;
}

/** The findings of one check. */
export interface CheckResult {
  readonly name: string;
  readonly findings: readonly Finding[];
}

export function ok(text: string): Finding {
  return { status: "ok", text };
}

export function warning(text: string, remedy?: string): Finding {
  return { status: "warning", text, remedy };
}

export function failure(text: string, remedy?: string): Finding {
  return { status: "failure", text, remedy };
}

/** Runs a check, but no longer than a time. */
export async function runCheck({ name, run }: Check, timeoutMs: number): Promise<CheckResult> {
  const { promise: late, resolve } = Promise.withResolvers<readonly Finding[]>();
  const timer = setTimeout(
    () =>
      resolve([
        failure(
          `no answer within ${timeoutMs / 1000} seconds`,
          "Check the network, its DNS and its firewall.",
        ),
      ]),
    timeoutMs,
  );
  try {
    return { name, findings: await Promise.race([run(), late]) };
  } catch (error) {
    return { name, findings: [failure(errorText(error))] };
  } finally {
    clearTimeout(timer);
  }
}
