/**
 * A message on a new connection, with an upstream that is 20 ms away.
 *
 * @module
 */
import type { Scenario } from "../scenario.ts";
import { encodeMessage, openClient, sendMessage, type ServerAccess } from "../client.ts";
import { shown } from "../report.ts";
import { median } from "../statistics.ts";

const DELAY_MS = 20;
const WARM_ROUNDS = 3;
const STYLE = { form: "data", pipelined: false } as const;
const GOAL_MS = 50;

export const delay: Scenario = async (testbed) => {
  await using sink = await testbed.startSink();
  await sink.set({ delayMs: DELAY_MS });
  await using proxy = await testbed.startProxy(sink);
  const access: ServerAccess = {
    host: "127.0.0.1",
    port: proxy.ports.plain,
    tls: "none",
    mechanism: "PLAIN",
  };
  const message = encodeMessage(4096, STYLE.form);
  const durationsMs: number[] = [];
  // Each mailbox has a connection of its own to the upstream, so the first round is cold for each.
  for (let round = 0; round <= WARM_ROUNDS; round++) {
    for (const person of testbed.people) {
      const startedMs = performance.now();
      const client = await openClient(access, person);
      await sendMessage(client, person.username, message, STYLE);
      await client.quit();
      durationsMs.push(performance.now() - startedMs);
    }
  }
  const cold = median(durationsMs.slice(0, testbed.people.length));
  const warm = median(durationsMs.slice(testbed.people.length));
  const direct = await testbed.load(
    sink.ports.starttls,
    ...["--tls", "starttls", "--mechanism", "XOAUTH2", "--clients", "1", "--count", "10"],
  );
  return {
    figures: [
      {
        name: `${DELAY_MS} ms upstream delay, 4 KiB, new connection, warm`,
        goal: `at most ${GOAL_MS} ms`,
        measured: `${shown(warm)} ms`,
        reached: warm <= GOAL_MS,
      },
      { name: "the same, first message of a mailbox", goal: "", measured: `${shown(cold)} ms` },
      {
        name: "the same, without a proxy",
        goal: "",
        measured: `${shown(direct.latencyMs.median)} ms`,
      },
    ],
  };
};
