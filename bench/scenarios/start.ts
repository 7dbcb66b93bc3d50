/**
 * From the start of the program to its first greeting.
 *
 * @module
 */
import type { Scenario } from "../scenario.ts";
import { shown } from "../report.ts";
import { median } from "../statistics.ts";

const RUNS = 7;
const GOAL_SECONDS = 0.12;

export const start: Scenario = async (testbed) => {
  await using sink = await testbed.startSink();
  const samples: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    let startedMs = performance.now();
    await testbed.runNothing();
    bare.push((performance.now() - startedMs) / 1000);
    startedMs = performance.now();
    await using _proxy = await testbed.startProxy(sink);
    samples.push((performance.now() - startedMs) / 1000);
  }
  const seconds = median(samples);
  return {
    figures: [
      {
        name: "start to first `220`",
        goal: `at most ${GOAL_SECONDS} s`,
        measured: `${shown(seconds)} s (Deno alone: ${shown(median(bare))} s)`,
        reached: seconds <= GOAL_SECONDS,
      },
    ],
  };
};
