/**
 * A rolling upgrade: replicas of this version and of the next one on one database. The next version is this one with another step
 * of the schema, made here: a build of its own, and a program of its own.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { serveCommand } from "../../tools/program.ts";
import { needsPostgres, sharedCluster } from "../postgres.ts";
import { ReplicasLoad } from "./load.ts";
import { eventually, type Replica, ReplicasTestbed } from "./testbed.ts";
import { RunningProgram } from "../running_program.ts";
import { NORA, type ServeCommand } from "../testbed.ts";

const cluster = await sharedCluster();
const MESSAGE = Buffer.from("Subject: x\r\n\r\nText\r\n");
const MIGRATIONS = "lib/store/postgres/migrations.ts";
const NEXT_VERSION = "0.99.0";

/** The files and folders of the program when it runs. */
const PARTS = [
  ...["main.ts", "deno.json", "deno.lock"],
  ...["_fresh", "islands", "lib", "routes", "smtp", "static", "tools"],
];

/** Adds what the version before does not know, and does without it: new tables, and columns that may be empty. */
const EXPAND = `
  ALTER TABLE accounts ADD COLUMN favourite_colour text;
  ALTER TABLE deliveries ADD COLUMN weight bigint NOT NULL DEFAULT 0;
  CREATE TABLE colours (name text PRIMARY KEY);
  CREATE INDEX accounts_by_colour ON accounts (favourite_colour);`;
/** Takes away what no version uses any more. */
const CONTRACT = "DROP TABLE colours;";

/** A program with further steps of the schema. */
interface Build extends AsyncDisposable {
  readonly serve: ServeCommand;
}

/** @param steps SQL, and the oldest version that can live with it, counted back from this one: 0 is this one. */
async function build(steps: readonly (readonly [sql: string, ahead: number])[]): Promise<Build> {
  const directory = await Deno.makeTempDir({ prefix: "next_version_" });
  for (const part of PARTS) await copy(part, join(directory, part));
  const edit = async (file: string, change: (text: string) => string) => {
    const path = join(directory, file);
    const [before, after] = [await Deno.readTextFile(path), change(await Deno.readTextFile(path))];
    assert.notEqual(before, after, file);
    await Deno.writeTextFile(path, after);
  };
  await edit(
    "deno.json",
    (text) => text.replace(/"version": ".*"/, `"version": "${NEXT_VERSION}"`),
  );
  const added = steps.map(([sql, ahead]) =>
    `{ sql: ${JSON.stringify(sql)}, readableBy: FORMER.length + ${ahead} }`
  );
  await edit(MIGRATIONS, (text) =>
    text.replace("export const MIGRATIONS:", "const FORMER:") +
    `export const MIGRATIONS: readonly Migration[] = [...FORMER, ${added.join(", ")}];\n`);
  return {
    serve: (network, data, args, options) =>
      serveCommand(network, data, args, { ...options, cwd: directory }),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

async function copy(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await copy(join(from, name), join(to, name));
}

async function send(replica: Replica, login: Parameters<Replica["logIn"]>[0]): Promise<void> {
  using client = await replica.logIn(login);
  await client.envelope(NORA, ["a@example.com"]);
  assert.match(await client.data(MESSAGE), /^250 /);
}

Deno.test({
  name:
    "R2: replicas of this version and of the next one run together, one replaced after the other",
  ...needsPostgres,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    await using next = await build([[EXPAND, 0]]);
    const login = await bed.signIn();
    const [first, second] = await bed.serve(2) as [Replica, Replica];
    // Clients of the version before, all the time.
    const load = new ReplicasLoad(() => second.ports.smtp, login);
    const running = load.run(2);
    const upgraded = await bed.serveOne({}, next.serve);
    await first.program.stop();
    assert.doesNotMatch(second.program.log, / (ERROR|error) /);

    const sql = "SELECT version FROM replicas ORDER BY started_at";
    const versions = (await cluster!.query(bed.database, sql)).map(({ version }) => version);
    assert.deepEqual([versions.length, versions.at(-1)], [2, NEXT_VERSION]);

    // What both share: a token, the connections of a mailbox, revocations.
    const { identityProvider, submissionServer } = bed.bed.simulation;
    await bed.expireToken();
    const before = identityProvider.tokenRequests;
    const late = await bed.serveOne();
    const replies = [upgraded, late, upgraded, late].map((replica) => replica.tryLogin(login));
    for (const reply of await Promise.all(replies)) assert.match(reply, /^235 /);
    assert.equal(identityProvider.tokenRequests - before, 1);
    await Promise.all([upgraded, late, upgraded, late].map((replica) => send(replica, login)));
    assert.ok(submissionServer.mostSessions <= 3, `${submissionServer.mostSessions} at once`);

    load.stop();
    await running;
    assert.deepEqual(load.failures, []);
    assert.deepEqual(load.missing(submissionServer.store.messages), []);
    await eventually("deliveries of both versions are recorded", async () => {
      const rows = "SELECT count(*)::int AS n FROM deliveries WHERE stage = 'data'";
      const [row] = await cluster!.query(bed.database, rows);
      return row!.n === submissionServer.store.received;
    });

    const clients = await Promise.all([second, upgraded].map((replica) => replica.logIn(login)));
    const [password] = await bed.bed.json("account", "password", "list", NORA);
    await bed.bed.json("account", "password", "revoke", NORA, password.id);
    for (const client of clients) assert.match(await client.reply(), /^421 /);
  },
});

Deno.test({
  name: "R2: once the schema was contracted, the version before says so and does not start",
  ...needsPostgres,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    await using next = await build([[EXPAND, 0], [CONTRACT, 1]]);
    const login = await bed.signIn();
    const upgraded = await bed.serveOne({}, next.serve);
    await send(upgraded, login);
    const { code, log } = await RunningProgram.toItsEnd(bed.bed.serveCommand());
    assert.notEqual(code, 0);
    assert.match(log, /this program knows versions up to \d+\. Start the newer program/);
    await send(upgraded, login);
  },
});
