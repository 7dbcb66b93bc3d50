/**
 * Types that the scenarios share.
 *
 * @module
 */
import type { Findings } from "./report.ts";
import type { Testbed } from "./testbed.ts";

/** How much is done. */
export interface Effort {
  /** Rounds in which the candidates take turns. */
  readonly rounds: number;
  /** Length of a turn. */
  readonly seconds: number;
  /** Whether the scenario with many accounts goes up to a million. */
  readonly million: boolean;
  /** An empty PostgreSQL database for the scenario with pages. Absent: a file. */
  readonly postgresUrl?: string;
}

/** Measures one thing. */
export type Scenario = (testbed: Testbed, effort: Effort) => Promise<Findings>;
