/**
 * Tests of the store that run on each of its implementations.
 *
 * @module
 */
import { ManualClock } from "../manual_clock.ts";
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

/** All tests have one database after another's work is undone: creating one takes longer than most tests. */
let database: string | undefined;

/** Leaves nothing in a database but its schema, whoever uses it. */
const EMPTY = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid();
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
  const name = database ??= await cluster!.createDatabase();
  const clock = new ManualClock(START_MS, settled);
  const batchErrors: StoreError[] = [];
  const onBatchError = (error: StoreError) => batchErrors.push(error);
  const url = cluster!.url(name);
  const store = await PostgresStore.open(databaseConfig(url), { clock, onBatchError });
  try {
    await test({ store, clock, batchErrors, url });
  } finally {
    if (store.isOpen) await store.close();
    await cluster!.query(name, EMPTY);
  }
}

/** Answers of the database come with the real time. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 30));
}

/** Registers a test for SQLite, and one for PostgreSQL. */
export function storeTest(
  name: string,
  test: (fixture: AnyStoreFixture) => Promise<void>,
): void {
  Deno.test(`SQLite: ${name}`, () => withStore(test));
  Deno.test({ name: `PostgreSQL: ${name}`, ...needsPostgres, fn: () => withPostgresStore(test) });
}
