/**
 * The database restarts, fails over, refuses for 20 seconds, or says nothing, under load.
 *
 * @module
 */
import { Cluster } from "../../test/postgres.ts";
import { ReplicasLoad } from "../../test/replicas/load.ts";
import { eventually, ReplicasTestbed } from "../../test/replicas/testbed.ts";
import { TcpProxy } from "../../test/tcp_proxy.ts";
import { sleep } from "../process.ts";
import { type Figure, shown } from "../report.ts";

const REFUSAL_MS = 20_000;
const BLACK_HOLE = { normalMs: 5_000, silenceMs: 15_000, firstGoalMs: 3_500, rateGoal: 0.8 };
/** The wait for the first answer is over by then. */
const SETTLING_MS = 4_000;
/** Each message has a login of its own. */
const MESSAGES_PER_LOGIN = 1;
const CLIENT_COUNT = 4;

/** A restart, a refusal of 20 seconds, and a failover: does a known sender see it, and is a row of a delivery lost? */
export async function outages(): Promise<Figure[]> {
  await using primary = await Cluster.start();
  await using standby = await primary.standby();
  await using bed = await ReplicasTestbed.open(primary);
  await using proxy = await TcpProxy.start(primary.port);
  const login = await bed.signIn();
  const replicas = await bed.serve(2, { DATABASE_URL: primary.url(bed.database, proxy.port) });
  for (const replica of replicas) (await replica.logIn(login)).close();
  let next = 0;
  const port = () => replicas[next++ % replicas.length]!.ports.smtp;
  const load = new ReplicasLoad(port, login, MESSAGES_PER_LOGIN);
  const running = load.run(CLIENT_COUNT);
  await sleep(2_000);
  await primary.stop("fast");
  await primary.restart();
  await sleep(8_000);
  await proxy.refuse();
  await sleep(REFUSAL_MS);
  await proxy.pass();
  await sleep(8_000);
  await primary.stop("immediate");
  await standby.promote();
  proxy.target = standby.port;
  bed.cluster = standby;
  await sleep(8_000);
  load.stop();
  await running;
  const sent = load.acknowledged.size;
  let rows = 0;
  await eventually("all rows are there, or no more come", async () => {
    const sql = "SELECT count(*)::int AS n FROM deliveries WHERE stage = 'data'";
    const [{ n }] = await standby.query(bed.database, sql) as [{ n: number }];
    const isOver = n === rows && (n === sent || n > 0);
    rows = n;
    if (!isOver) await sleep(3_000);
    return isOver;
  });
  const failures = [...new Set(load.failures)];
  return [
    {
      name: `restart, ${REFUSAL_MS / 1000} s refused, failover: failures of ${sent} messages`,
      goal: "0",
      measured: `${load.failures.length}${failures.length > 0 ? ` (${failures[0]})` : ""}`,
      reached: load.failures.length === 0,
    },
    {
      name: "the same: rows of deliveries that are missing",
      goal: "0",
      // A batch is written again when the answer to its COMMIT was lost.
      measured: rows > sent ? `0 (${rows - sent} are there twice)` : `${sent - rows}`,
      reached: rows >= sent,
    },
  ];
}

/**
 * The database says nothing for 15 seconds: the first logins, and the rate after them. Each client has a mailbox of its own: a
 * replica that is cut off keeps one connection of each.
 */
export async function blackHole(cluster: Cluster): Promise<Figure[]> {
  await using bed = await ReplicasTestbed.open(cluster);
  const names = Array.from(
    { length: CLIENT_COUNT },
    (_, index) => `person${index}@outlook.example`,
  );
  const logins = await bed.addPeople(names);
  await using proxy = await TcpProxy.start(cluster.port);
  const replica = await bed.serveOne({ DATABASE_URL: cluster.url(bed.database, proxy.port) });
  for (const login of logins) (await replica.logIn(login)).close();
  const loads = logins.map((login) =>
    new ReplicasLoad(() => replica.ports.smtp, login, MESSAGES_PER_LOGIN)
  );
  const running = Promise.all(loads.map((load) => load.run(1)));
  const sent = () => loads.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
  const rate = async (ms: number) => {
    const before = sent();
    await sleep(ms);
    return (sent() - before) * 1000 / ms;
  };
  await rate(2_000);
  const normal = await rate(BLACK_HOLE.normalMs);
  proxy.swallow();
  const startedMs = performance.now();
  const first = replica.logIn(logins[0]!).then((client) => {
    client.close();
    return performance.now() - startedMs;
  });
  await sleep(SETTLING_MS);
  const silent = await rate(BLACK_HOLE.silenceMs - SETTLING_MS);
  for (const load of loads) load.stop();
  await running;
  await proxy.pass();
  const firstMs = await first;
  return [
    {
      name: "black hole: the first login",
      goal: `at most ${BLACK_HOLE.firstGoalMs / 1000} s`,
      measured: `${shown(firstMs / 1000)} s`,
      reached: firstMs <= BLACK_HOLE.firstGoalMs,
    },
    {
      name: "black hole: messages after that, a mailbox and a login each, against normal",
      goal: `at least ${BLACK_HOLE.rateGoal} ×`,
      measured: `${shown(silent / normal)} × (${shown(normal)} to ${shown(silent)} messages/s)`,
      reached: silent >= BLACK_HOLE.rateGoal * normal,
    },
  ];
}
