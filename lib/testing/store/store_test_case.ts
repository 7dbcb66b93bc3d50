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

/** Runs a test with an empty database in PostgreSQL, which it may close. */
export async function withPostgresStore(
  test: (fixture: AnyStoreFixture & { store: PostgresStore; url: string }) => Promise<void>,
): Promise<void> {
  const name = await cluster!.createDatabase();
  const clock = new ManualClock(START_MS, settled);
  const batchErrors: StoreError[] = [];
  const onBatchError = (error: StoreError) => batchErrors.push(error);
  const url = cluster!.url(name);
  const store = await PostgresStore.open(databaseConfig(url), { clock, onBatchError });
  try {
    await test({ store, clock, batchErrors, url });
  } finally {
    if (store.isOpen) await store.close();
    await cluster!.dropDatabase(name);
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
