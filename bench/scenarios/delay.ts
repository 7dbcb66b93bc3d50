/**
 * A message on a new connection, with an upstream that is 20 ms away.
 *
 * @module
 */
import type { Scenario } from "../scenario.ts";
import { createDatabase } from "../accounts.ts";
import {
  type Credentials,
  encodeMessage,
  openClient,
  sendMessage,
  type ServerAccess,
} from "../client.ts";
import type { Proxy } from "../participants.ts";
import { sleep } from "../process.ts";
import { SESSION_SECRET } from "../settings.ts";
import { type Figure, shown } from "../report.ts";
import { median } from "../statistics.ts";

const DELAY_MS = 20;
const WARM_ROUNDS = 3;
const STYLE = { form: "data", pipelined: false } as const;
const GOAL_MS = 50;
const GOAL_AFTER_START_MS = 60;
const POLL_MS = 50;
/** Several ways there and back: the last sign-in begins with its connection. */
const SETTLE_MS = 1_000;

export const delay: Scenario = async (testbed) => {
  await using sink = await testbed.startSink();
  await sink.set({ delayMs: DELAY_MS });
  // Of its own: nobody in it has sent yet.
  const databasePath = testbed.path("delay.sqlite");
  const people = await createDatabase(databasePath, SESSION_SECRET, testbed.people.length);
  const durationsMs: number[][] = [];
  {
    await using proxy = await testbed.startProxy(sink, { databasePath });
    // Each mailbox has a connection of its own to the upstream, so the first round is cold for each.
    for (let round = 0; round <= WARM_ROUNDS; round++) durationsMs.push(await send(proxy, people));
  }
  const [cold = [], ...warm] = durationsMs;
  const before = await sink.set();
  await using proxy = await testbed.startProxy(sink, { databasePath });
  while ((await sink.set()).connections < before.connections + people.length) {
    await sleep(POLL_MS);
  }
  await sleep(SETTLE_MS);
  const afterStart = await send(proxy, people);
  const direct = await testbed.load(
    sink.ports.starttls,
    ...["--tls", "starttls", "--mechanism", "XOAUTH2", "--clients", "1", "--count", "10"],
  );
  const away = `${DELAY_MS} ms upstream delay, 4 KiB, new connection`;
  return {
    figures: [
      figure(`${away}, warm`, median(warm.flat()), GOAL_MS),
      figure(
        "the same, first message after a start of a mailbox that sent before",
        median(afterStart),
        GOAL_AFTER_START_MS,
      ),
      figure("the same, first message of a mailbox ever", median(cold)),
      figure("the same, without a proxy", direct.latencyMs.median),
    ],
  };
};

function figure(name: string, ms: number, goalMs?: number): Figure {
  if (goalMs === undefined) return { name, goal: "", measured: `${shown(ms)} ms` };
  const goal = `at most ${goalMs} ms`;
  return { name, goal, measured: `${shown(ms)} ms`, reached: ms <= goalMs };
}

/** Lets everybody send one message. @returns how long each took, in milliseconds. */
async function send(proxy: Proxy, people: readonly Credentials[]): Promise<number[]> {
  const access: ServerAccess = {
    host: "127.0.0.1",
    port: proxy.ports.plain,
    tls: "none",
    mechanism: "PLAIN",
  };
  const message = encodeMessage(4096, STYLE.form);
  const durationsMs: number[] = [];
  for (const person of people) {
    const startedMs = performance.now();
    const client = await openClient(access, person);
    await sendMessage(client, person.username, message, STYLE);
    await client.quit();
    durationsMs.push(performance.now() - startedMs);
  }
  return durationsMs;
}
