import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { DAY_MS } from "../lib/base/mod.ts";
import { SqliteStore, type Store } from "../lib/store/mod.ts";
import { PostgresStore } from "../lib/store/postgres/postgres_store.ts";
import { appPassword, delivery, signIn, withDirectory } from "../lib/store/testing.ts";
import { databaseConfig, needsPostgres, sharedCluster } from "../test/postgres.ts";
import { NOW_MS, PagesFixture } from "./(_components)/testing/pages_fixture.ts";

const ACTIVITY = [
  "",
  "search=x",
  "outcome=refused",
  "device=p1",
  "device=refused-logins",
  "before=2",
]
  .concat(["from=2026-01-01&to=2026-01-02", "device=p1&outcome=refused&search=x&before=2"]);
const ORDERS = [
  "",
  "order=state",
  "order=renewed",
  "order=created&page=2",
  "state=refused",
  "search=x",
];

/** Statements about deliveries or the mailboxes of an organisation, of which there are many. */
const ABOUT_MANY = /^\s*SELECT[^]*(\bdeliver|\bapp_only = |\bcount\(\*\) AS count, max)/;

const PATHS = [
  ...["/", "/guides", "/guides/msmtp", "/account", "/account/delete", "/invite", "/admin"],
  ...ACTIVITY.flatMap((query) => [`/activity?${query}`, `/activity/export.csv?${query}`]),
  ...ORDERS.map((query) => `/admin/accounts?${query}`),
  ...ORDERS.map((query) => `/admin/organisation?${query}`),
  ...["/admin/organisation/setup", "/admin/audit", "/admin/audit?search=x"],
  ...["/admin/configuration", "/admin/replicas"],
];

const CLUSTER = await sharedCluster();

/** Opens every page of somebody who is an administrator and has sent something. */
async function openPages(store: Store): Promise<void> {
  const { account } = await store.accounts.recordSignIn(signIn(), Uint8Array.of(1));
  await store.appPasswords.add(appPassword(account.id, "p1"));
  await store.deliveries.record(delivery(account.id, { atMs: NOW_MS - DAY_MS }));
  await store.deliveries.record(delivery(account.id, { atMs: NOW_MS, outcome: "refused" }));
  await store.flush();
  const fixture = new PagesFixture();
  fixture.adminEmails.push(account.email);
  const session = {
    idHash: new Uint8Array(32),
    accountId: account.id,
    createdAtMs: 0,
    expiresAtMs: Infinity,
  };
  const sessions = { ...fixture.services.sessions, read: () => Promise.resolve(session) };
  const pages = new PagesFixture(undefined, [], {
    store,
    sessions,
    adminEmails: fixture.adminEmails,
  });
  for (const path of [...PATHS, `/admin/accounts/${account.id}`]) await pages.getPage(path);
}

Deno.test("no page reads all deliveries or mailboxes, or sorts them: SQLite", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "db.sqlite");
    const store = await SqliteStore.open(path);
    const statements = new Set<string>();
    const { prepare } = DatabaseSync.prototype;
    DatabaseSync.prototype.prepare = function (sql, ...rest) {
      statements.add(sql);
      return prepare.call(this, sql, ...rest);
    };
    try {
      await openPages(store);
    } finally {
      DatabaseSync.prototype.prepare = prepare;
      await store.close();
    }
    const database = new DatabaseSync(path, { readOnly: true });
    const asked = [...statements].filter((sql) => ABOUT_MANY.test(sql));
    assert.ok(asked.length >= 15, asked.join("\n"));
    for (const sql of asked) {
      const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => detail);
      const isChart = /FROM delivery_(hours|days)/.test(sql);
      const unwanted = isChart ? /SCAN/ : /SCAN (?!json_each)|B-TREE/;
      assert.ok(!steps.some((step) => unwanted.test(`${step}`)), `${sql}: ${steps.join("; ")}`);
    }
    database.close();
  }));

Deno.test({
  name: "no page reads all deliveries or mailboxes, or sorts them: PostgreSQL",
  ...needsPostgres,
  async fn() {
    const name = await CLUSTER!.createMigratedDatabase();
    const store = await PostgresStore.open(databaseConfig(CLUSTER!.url(name)));
    const asked = new Map<string, unknown[]>();
    const { query } = pg.Client.prototype;
    // deno-lint-ignore no-explicit-any -- it has many signatures
    pg.Client.prototype.query = function (this: pg.Client, ...call: any[]) {
      const { text, values } = call[0] ?? {};
      if (ABOUT_MANY.test(text)) asked.set(text, values);
      return query.apply(this, call as Parameters<typeof query>);
    } as typeof query;
    try {
      await openPages(store);
    } finally {
      pg.Client.prototype.query = query;
      await store.close();
    }
    assert.ok(asked.size >= 15);
    const client = new pg.Client(CLUSTER!.url(name));
    await client.connect();
    // A small table is read whole, whatever its indexes are.
    await client.query("SET enable_seqscan = off; SET enable_bitmapscan = off");
    for (const [sql, values] of asked) {
      const { rows } = await client.query(`EXPLAIN ${sql}`, values);
      const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
      assert.doesNotMatch(plan, /Seq Scan on (deliver|accounts|app_passwords)/, `${sql}: ${plan}`);
      if (!/FROM delivery_/.test(sql)) assert.doesNotMatch(plan, /(?<!Incremental )Sort/, plan);
    }
    await client.end();
    await CLUSTER!.dropDatabase(name);
  },
});
