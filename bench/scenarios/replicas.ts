/**
 * Several replicas on one PostgreSQL: renewals, connections of a mailbox, revocations, outages, and the price of a login.
 *
 * @module
 */
import { Cluster } from "../../test/postgres.ts";
import { holderKilled } from "../replicas/renewal.ts";
import { handedOver, oneMailbox } from "../replicas/mailbox.ts";
import { logins } from "../replicas/logins.ts";
import { blackHole, outages } from "../replicas/outages.ts";
import { concurrentRevocations, revocations } from "../replicas/revocations.ts";
import type { Figure } from "../report.ts";
import type { Scenario } from "../scenario.ts";

export const replicas: Scenario = async (testbed, effort) => {
  await using cluster = await Cluster.start();
  const figures: Figure[] = [];
  const parts = [
    () => holderKilled(cluster),
    () => oneMailbox(testbed, cluster, effort),
    () => handedOver(cluster),
    () => revocations(cluster, effort),
    () => concurrentRevocations(cluster),
    () => outages(),
    () => blackHole(cluster),
    () => logins(testbed, cluster, effort),
  ];
  for (const part of parts) {
    const found = await part();
    for (const { name, measured } of found) console.error(`replicas: ${name}: ${measured}`);
    figures.push(...found);
  }
  return { figures };
};
