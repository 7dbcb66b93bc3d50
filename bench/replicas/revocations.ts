/**
 * App passwords that are revoked while clients are logged in on all replicas.
 *
 * @module
 */
import { appPassword, signIn } from "../../lib/store/testing.ts";
import { PostgresStore } from "../../lib/store/postgres/postgres_store.ts";
import { type Cluster, databaseConfig } from "../../test/postgres.ts";
import { ReplicasTestbed } from "../../test/replicas/testbed.ts";
import { NORA, type Settings } from "../../test/testbed.ts";
import { type Figure, shown } from "../report.ts";
import type { Effort } from "../scenario.ts";
import { median } from "../statistics.ts";

const REPLICA_COUNT = 3;
const CONCURRENT = 3_000;
const WRITERS = 10;

export async function revocations(cluster: Cluster, { rounds }: Effort): Promise<Figure[]> {
  // Notifications concern one database: in another one, nothing is heard.
  const deaf = { DATABASE_LISTEN_URL: cluster.url("postgres") };
  const figures: Figure[] = [];
  for (
    const [name, settings, goalMs] of [
      ["with LISTEN", {}, 250],
      ["without LISTEN", deaf, 1_000],
    ] as const
  ) {
    const times = await measure(cluster, settings, rounds * 4);
    const longest = Math.max(...times);
    figures.push({
      name: `revocation on ${REPLICA_COUNT} replicas, ${name}, the longest of ${times.length}`,
      goal: `at most ${goalMs} ms`,
      measured: `${shown(longest)} ms (median ${shown(median(times))} ms)`,
      reached: longest <= goalMs,
    });
  }
  return figures;
}

/** Returns the times from the deletion to the end of a client's session, on each replica. */
async function measure(cluster: Cluster, settings: Settings, rounds: number): Promise<number[]> {
  await using bed = await ReplicasTestbed.open(cluster);
  await bed.signIn();
  const replicas = await bed.serve(REPLICA_COUNT, settings);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { id, password } = await bed.bed.json("account", "password", "create", NORA, "bench");
    const clients = await Promise.all(
      replicas.map((replica) => replica.logIn({ username: NORA, password })),
    );
    await bed.bed.withServices(async ({ store }) => {
      await store.appPasswords.delete(id);
      const startedMs = performance.now();
      await Promise.all(clients.map(async (client) => {
        await client.expect("421");
        times.push(performance.now() - startedMs);
        client.close();
      }));
    });
  }
  return times;
}

/** Many at the same time, of three writers: does a reader of what is newer see each of them? */
export async function concurrentRevocations(cluster: Cluster): Promise<Figure[]> {
  const url = cluster.url(await cluster.createDatabase());
  const open = () => PostgresStore.open(databaseConfig(url));
  const stores = await Promise.all(Array.from({ length: REPLICA_COUNT }, open));
  const reader = await open();
  const { account } = await reader.accounts.recordSignIn(signIn(), Uint8Array.of(1));
  const names = Array.from({ length: CONCURRENT }, (_, index) => `p${index}`);
  for (const name of names) await reader.appPasswords.add(appPassword(account.id, name));
  const seen = new Set<string>();
  let [lastId, done] = [0, false];
  const read = async () => {
    for (let isLast = false; !isLast;) {
      isLast = done;
      for (const { id, appPasswordId } of await reader.revocations.listAfter(lastId)) {
        lastId = id;
        seen.add(appPasswordId!);
      }
    }
  };
  const reading = read();
  const waiting = names.values();
  const write = async (store: PostgresStore) => {
    for (const name of waiting) await store.appPasswords.delete(name);
  };
  // As many at once as the connections of each writer.
  const writers = stores.flatMap((store) => Array.from({ length: WRITERS }, () => write(store)));
  await Promise.all(writers);
  done = true;
  await reading;
  for (const store of [...stores, reader]) await store.close();
  const missed = CONCURRENT - seen.size;
  return [{
    name: `of ${CONCURRENT} concurrent revocations missed`,
    goal: "0",
    measured: `${missed}`,
    reached: missed === 0,
  }];
}
