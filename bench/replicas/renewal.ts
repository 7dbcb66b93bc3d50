/**
 * A replica is killed while it renews a token: how soon does another one do it?
 *
 * @module
 */
import type { Cluster } from "../../test/postgres.ts";
import { eventually, ReplicasTestbed } from "../../test/replicas/testbed.ts";
import { NORA } from "../../test/testbed.ts";
import { type Figure, shown } from "../report.ts";

const GOAL_MS = 6_000;

export async function holderKilled(cluster: Cluster): Promise<Figure[]> {
  await using bed = await ReplicasTestbed.open(cluster);
  const [login] = await bed.addPeople([NORA]);
  const { identityProvider } = bed.bed.simulation;
  identityProvider.faults.token = { kind: "hang" };
  const before = identityProvider.tokenRequests;
  const requests = () => identityProvider.tokenRequests - before;
  const holder = await bed.serveOne();
  const cutOff = holder.tryLogin(login!).catch(() => "cut off");
  await eventually("the holder asks", () => requests() === 1);
  const other = await bed.serveOne();
  const waiting = other.tryLogin(login!);
  identityProvider.faults.token = undefined;
  await holder.program.kill();
  const startedMs = performance.now();
  await eventually("the other one asks", () => requests() === 2);
  const durationMs = performance.now() - startedMs;
  await Promise.all([cutOff, waiting]);
  return [{
    name: "holder of a token's lease killed: request of the next one after",
    goal: `at most ${GOAL_MS / 1000} s`,
    measured: `${shown(durationMs / 1000)} s`,
    reached: durationMs <= GOAL_MS,
  }];
}
