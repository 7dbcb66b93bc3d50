/**
 * Tests of the store that run on each of its implementations.
 *
 * @module
 */
import { ManualClock } from "../manual_clock.ts";
import type { DatabaseConfig } from "../../config/mod.ts";
import { settle } from "../settle.ts";
import { PostgresDatabase } from "../../store/postgres/database.ts";
import { PostgresStore } from "../../store/postgres/postgres_store.ts";
import type { Store, StoreError } from "../../store/store.ts";
import { START_MS, withStore } from "../../store/testing.ts";
import { databaseConfig, needsPostgres, sharedCluster } from "../../../test/postgres.ts";

/** A database, whichever it is, and its surroundings. */
export interface AnyStoreFixture {
  readonly store: Store;
  readonly clock: ManualClock;
  /** Failures of batches so far. */
  readonly batchErrors: StoreError[];
}

const cluster = await sharedCluster();

/** A database of the cluster, and the connections to it. */
interface OpenDatabase {
  readonly name: string;
  readonly connections: PostgresDatabase;
  /** Queries that have not been answered yet. */
  readonly underWay: Set<Promise<unknown>>;
}

/** All tests have one database after another's work is undone: a new one and its connections take longer than most tests. */
let opened: OpenDatabase | undefined;

async function openDatabase(): Promise<OpenDatabase> {
  if (opened?.connections.isOpen) return opened;
  const name = opened?.name ?? await cluster!.createMigratedDatabase();
  const underWay = new Set<Promise<unknown>>();
  const connections = observed(await PostgresDatabase.open(configOf(name)), underWay);
  return opened = { name, connections, underWay };
}

/** Returns the same connections, which add to what is under way. */
function observed(connections: PostgresDatabase, underWay: Set<Promise<unknown>>) {
  return new Proxy(connections, {
    get(target, key) {
      const member = Reflect.get(target, key, target);
      if (typeof member !== "function") return member;
      return (...given: unknown[]) => {
        const result = member.apply(target, given);
        if (!(result instanceof Promise)) return result;
        underWay.add(result);
        return result.finally(() => underWay.delete(result));
      };
    },
  });
}

function configOf(name: string): DatabaseConfig {
  return databaseConfig(cluster!.url(name));
}

/** Leaves nothing in a database but its schema. */
const EMPTY = `
  DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables
      WHERE schemaname = 'public' AND tablename NOT IN ('meta', 'slots_emptied')
    LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'
    LOOP EXECUTE format('ALTER SEQUENCE %I RESTART', name); END LOOP;
    UPDATE slots_emptied SET at = '-infinity';
  END $$`;

/** Runs a test with an empty database in PostgreSQL, which it may close. */
export async function withPostgresStore(
  test: (fixture: AnyStoreFixture & { store: PostgresStore; url: string }) => Promise<void>,
): Promise<void> {
  const { name, connections, underWay } = await openDatabase();
  const clock = new ManualClock(START_MS, () => settled(underWay));
  const batchErrors: StoreError[] = [];
  const onBatchError = (error: StoreError) => batchErrors.push(error);
  const store = PostgresStore.on(connections, { clock, onBatchError });
  try {
    await test({ store, clock, batchErrors, url: cluster!.url(name) });
  } finally {
    if (store.isOpen) await store.flush();
    await cluster!.query(name, EMPTY);
  }
}

/** Waits until the database has answered everything, and nothing more was asked. */
async function settled(underWay: ReadonlySet<unknown>): Promise<void> {
  await settle();
  while (underWay.size > 0) {
    await Promise.allSettled(underWay);
    await settle();
  }
}

/** Registers a test for SQLite, and one for PostgreSQL. */
export function storeTest(
  name: string,
  test: (fixture: AnyStoreFixture) => Promise<void>,
): void {
  Deno.test(`SQLite: ${name}`, () => withStore(test));
  Deno.test({ name: `PostgreSQL: ${name}`, ...needsPostgres, fn: () => withPostgresStore(test) });
}
