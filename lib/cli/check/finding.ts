/**
 * Checks and what they find.
 *
 * @module
 */
import { errorText } from "../../base/mod.ts";

/** The verdict of a finding. Only a failure changes the exit code. */
export type Status = "ok" | "warning" | "failure";

/** The result of looking at one thing. */
export interface Finding {
  readonly status: Status;
  /** A sentence without a full stop. */
  readonly text: string;
  readonly remedy?: string;
}

/** A part of `check`. */
export interface Check {
  /** A word for the first column. */
  readonly name: string;
  /** Returns what it has found. An error that it throws counts as a failure. */
  run(): Promise<readonly Finding[]>;
}

/** The findings of one check. */
export interface CheckResult {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** Returns a finding that is as it should be. */
export function ok(text: string): Finding {
  return { status: "ok", text };
}

/** Returns a finding that deserves attention. */
export function warning(text: string, remedy?: string): Finding {
  return { status: "warning", text, remedy };
}

/** Returns a finding that keeps the program from working. */
export function failure(text: string, remedy?: string): Finding {
  return { status: "failure", text, remedy };
}

/** Runs a check with a time limit. */
export async function runCheck({ name, run }: Check, timeoutMs: number): Promise<CheckResult> {
  const { promise: late, resolve } = Promise.withResolvers<readonly Finding[]>();
  const remedy = "Check the network, its DNS and its firewall.";
  const finding = failure(`no answer within ${timeoutMs / 1000} seconds`, remedy);
  const timer = setTimeout(() => resolve([finding]), timeoutMs);
  try {
    return { name, findings: await Promise.race([run(), late]) };
  } catch (error) {
    return { name, findings: [failure(errorText(error))] };
  } finally {
    clearTimeout(timer);
  }
}
