/** Databases that cannot be used: the start and `check` say why in one sentence with its remedy, and no secret. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { needsPostgres, sharedCluster } from "../postgres.ts";
import { ReplicasTestbed } from "./testbed.ts";
import { RunningProgram } from "../running_program.ts";
import type { Settings } from "../testbed.ts";

const cluster = await sharedCluster();
const OTHER_SECRET = "another secret of at least thirty-two characters";

/** A mistake, and the words that name it. */
interface Refusal {
  readonly name: string;
  readonly settings: (url: string, database: string) => Settings | Promise<Settings>;
  readonly says: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    name: "another SESSION_SECRET than that of the other replicas",
    settings: () => ({ SESSION_SECRET: OTHER_SECRET }),
    says: /SESSION_SECRET is not the one .*Use the same SESSION_SECRET for all replicas/,
  },
  {
    name: "no server at the address",
    settings: (url) => ({ DATABASE_URL: url.replace(/:\d+\//, ":1/") }),
    says: /127\.0\.0\.1:1\/.*ECONNREFUSED.*Check that the server runs/,
  },
  {
    name: "no such database",
    settings: (url, database) => ({ DATABASE_URL: url.replace(database, "nowhere") }),
    says: /"nowhere" does not exist.*Create the database/,
  },
  {
    name: "no such user",
    settings: (url) => ({ DATABASE_URL: url.replace("proxy:", "stranger:") }),
    says: /Correct the user and the password in DATABASE_URL/,
  },
  {
    name: "a host that DNS does not know",
    settings: () => ({ DATABASE_URL: "postgres://proxy:secret-of-the-database@db.invalid/proxy" }),
    says: /db\.invalid:5432\/proxy: .*Check that the server runs, DATABASE_URL/,
  },
  {
    name: "a user without rights on an empty database",
    settings: async (url, database) => {
      await cluster!.query(database, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
      await cluster!.query(database, "CREATE ROLE guest LOGIN");
      return { DATABASE_URL: url.replace("proxy:", "guest:") };
    },
    says: /no schema has been selected.*Make the user of DATABASE_URL the owner of the database/,
  },
  {
    name: "a user without rights on the tables",
    settings: async (url, database) => {
      await cluster!.query(database, "CREATE ROLE reader LOGIN");
      return { DATABASE_URL: url.replace("proxy:", "reader:") };
    },
    says: /permission denied.*Make the user of DATABASE_URL the owner of the database/,
  },
  {
    name: "a server that offers no TLS, where the address asks for it",
    settings: (url) => ({ DATABASE_URL: `${url}?sslmode=verify-full` }),
    says: /does not support SSL.*Set ssl = on/,
  },
  {
    name: "a way without TLS to another machine",
    settings: (url) => ({
      DATABASE_URL: url.replace("127.0.0.1", "10.9.8.7") + "?sslmode=disable",
    }),
    says: /DATABASE_URL.*not verified.*Use sslmode=verify-full/,
  },
  {
    name: "an address of another kind",
    settings: () => ({ DATABASE_URL: "mysql://proxy:secret-of-the-database@127.0.0.1/proxy" }),
    says:
      /DATABASE_URL.*does not begin with postgres:\/\/.*It looks like postgres:\/\/user:password@/,
  },
];

/** Starts the program, which has to end with a sentence. */
async function startOf(replicas: ReplicasTestbed, settings: Settings): Promise<string> {
  const command = replicas.bed.serveCommand(settings);
  const { code, log } = await RunningProgram.toItsEnd(command);
  assert.notEqual(code, 0);
  return log;
}

async function assertRefused(
  replicas: ReplicasTestbed,
  settings: Settings,
  says: RegExp,
): Promise<void> {
  const { code, output, errors } = await replicas.bed.run(["check", "--json"], settings);
  assert.equal(code, 1, errors);
  const { checks } = JSON.parse(output) as {
    checks: { findings: { status: string; text: string; remedy?: string }[] }[];
  };
  const failures = checks.flatMap(({ findings }) => findings)
    .filter(({ status }) => status === "failure")
    .map(({ text, remedy = "" }) => `${text} ${remedy}`);
  assert.ok(failures.some((failure) => says.test(failure)), failures.join("\n"));
  const log = await startOf(replicas, settings);
  assert.match(log, says);
  for (const text of [output, errors, log]) {
    assert.doesNotMatch(text, /secret-of-the-database|another secret of at least/);
    assert.doesNotMatch(text, /^\s+at /m, "a stack");
  }
}

for (const { name, settings, says } of REFUSALS) {
  Deno.test({
    name: `R1: the start and check refuse ${name}`,
    ...needsPostgres,
    async fn() {
      await using replicas = await ReplicasTestbed.open(cluster!);
      await replicas.bed.withServices(() => Promise.resolve());
      const url = replicas.bed.environment.DATABASE_URL!;
      await assertRefused(replicas, await settings(url, replicas.database), says);
    },
  });
}

Deno.test({
  name: "R1: the start and check refuse another SESSION_SECRET than that of copied accounts",
  ...needsPostgres,
  async fn() {
    await using replicas = await ReplicasTestbed.open(cluster!);
    await replicas.bed.seedAccount();
    await replicas.cluster.query(replicas.database, "DELETE FROM secret_mark");
    const says = /SESSION_SECRET is not the one .*Use the same SESSION_SECRET for all replicas/;
    await assertRefused(replicas, { SESSION_SECRET: OTHER_SECRET }, says);
    await replicas.bed.json("account", "list");
    const remedy = "DELETE FROM secret_mark; DELETE FROM sealed_values; DELETE FROM tokens";
    await replicas.cluster.query(replicas.database, remedy);
    const { code } = await replicas.bed.run(["account", "list"], { SESSION_SECRET: OTHER_SECRET });
    assert.equal(code, 0, "a secret that is lost can be replaced");
  },
});

/** A server of an older version, as far as it is asked: frames of the protocol have a type, a length and content. */
async function startOldServer(): Promise<Server> {
  const frame = (type: string, ...parts: readonly (Buffer | string)[]) => {
    const content = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
    const length = Buffer.alloc(4);
    length.writeInt32BE(content.length + 4);
    return Buffer.concat([Buffer.from(type), length, content]);
  };
  const int = (value: number, octets: number) => {
    const buffer = Buffer.alloc(octets);
    buffer.writeIntBE(value, 0, octets);
    return buffer;
  };
  const row = { number: "130014", version: "13.14", encoding: "UTF8" };
  const columns = Object.keys(row).map((name, index) => {
    const type = index === 0 ? 23 : 25;
    const numbers = [int(0, 4), int(0, 2), int(type, 4), int(-1, 2), int(-1, 4), int(0, 2)];
    return Buffer.concat([Buffer.from(`${name}\0`), ...numbers]);
  });
  const values = Object.values(row).map((value) =>
    Buffer.concat([int(value.length, 4), Buffer.from(value)])
  );
  const ready = frame("Z", "I");
  const server = createServer((socket) => {
    let hasStarted = false;
    socket.on("error", () => {});
    socket.on("data", (octets) => {
      if (!hasStarted) socket.write(Buffer.concat([frame("R", int(0, 4)), ready]));
      else if (octets[0] === "Q".charCodeAt(0)) {
        socket.write(Buffer.concat([
          frame("T", int(columns.length, 2), ...columns),
          frame("D", int(values.length, 2), ...values),
          frame("C", "SELECT 1\0"),
          ready,
        ]));
      }
      hasStarted = true;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

Deno.test({
  name: "R1: the start and check refuse a server that is too old",
  ...needsPostgres,
  async fn() {
    await using replicas = await ReplicasTestbed.open(cluster!);
    const server = await startOldServer();
    try {
      const { port } = server.address() as { port: number };
      const DATABASE_URL = `postgres://proxy:secret-of-the-database@127.0.0.1:${port}/proxy`;
      const says = /PostgreSQL 13\.14\. Version 14 or later is needed: upgrade it/;
      await assertRefused(replicas, { DATABASE_URL }, says);
    } finally {
      server.close();
    }
  },
});
