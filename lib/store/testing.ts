/**
 * A database for tests, in a temporary directory, with a manual clock.
 *
 * @module
 */
import { join } from "node:path";
import { ManualClock } from "../testing/manual_clock.ts";
import { SqliteStore } from "./sqlite/sqlite_store.ts";
import type {
  MailboxRecord,
  NewAppPassword,
  NewDelivery,
  SignInRecord,
  StoreError,
} from "./store.ts";

/** 2026-01-01 UTC. */
export const START_MS = 1_767_225_600_000;

/** A database and its surroundings. */
export interface StoreFixture {
  readonly store: SqliteStore;
  readonly clock: ManualClock;
  /** The database file. */
  readonly path: string;
  /** Failures of batches so far. */
  readonly batchErrors: StoreError[];
}

/** Names a directory for the databases of tests; `tools/run_tests.ts` sets it. */
export const DIRECTORY_VARIABLE = "TEST_DIRECTORY";

/** Runs a test with a temporary directory. */
export async function withDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ dir: Deno.env.get(DIRECTORY_VARIABLE) });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Runs a test with an empty database, which it may close. */
export function withStore(test: (fixture: StoreFixture) => Promise<void>): Promise<void> {
  return withDirectory(async (directory) => {
    const path = join(directory, "data", "db.sqlite");
    const clock = new ManualClock(START_MS);
    const batchErrors: StoreError[] = [];
    const onBatchError = (error: StoreError) => batchErrors.push(error);
    const store = await SqliteStore.open(path, { clock, onBatchError, busyTimeoutMs: 10 });
    try {
      await test({ store, clock, path, batchErrors });
    } finally {
      if (store.isOpen) await store.close();
    }
  });
}

/** Returns a sign-in of a personal account. */
export function signIn(changes: Partial<SignInRecord> = {}): SignInRecord {
  const { email = "anna@example.com" } = changes;
  return {
    tenantId: "9188040d-6c67-4c5b-b112-36a304b66dad",
    objectId: "00000000-0000-0000-0000-000000000001",
    signInName: email,
    signInNameConfirmed: true,
    email,
    emailVerified: true,
    displayName: "Anna",
    clientId: "11111111-1111-4111-8111-111111111111",
    atMs: START_MS,
    ...changes,
  };
}

/** Returns an app-only mailbox of an organisation. */
export function mailbox(changes: Partial<MailboxRecord> = {}): MailboxRecord {
  const { email = "scanner@contoso.example" } = changes;
  return {
    tenantId: "22222222-2222-4222-8222-222222222222",
    objectId: email.toLowerCase(),
    email,
    displayName: "",
    clientId: "33333333-3333-4333-8333-333333333333",
    atMs: START_MS,
    ...changes,
  };
}

/** Returns an app password of an account, with a hash made of `id`. */
export function appPassword(
  accountId: string,
  id: string,
  changes: Partial<NewAppPassword> = {},
): NewAppPassword {
  return {
    id,
    accountId,
    hash: new TextEncoder().encode(`hash of ${id}`),
    name: "printer",
    forcedSender: false,
    allowedRecipients: undefined,
    dailyLimit: undefined,
    clientAddresses: undefined,
    imported: false,
    createdAtMs: START_MS,
    ...changes,
  };
}

/** Returns a delivery of an account. */
export function delivery(accountId: string, changes: Partial<NewDelivery> = {}): NewDelivery {
  return {
    stage: "data",
    atMs: START_MS,
    accountId,
    appPasswordId: "p1",
    clientAddress: "192.0.2.7",
    sender: "anna@example.com",
    originalSender: undefined,
    originalFrom: undefined,
    recipientCount: 1,
    recipients: "bob@example.org",
    refusedCount: 0,
    refusedReply: undefined,
    sizeOctets: 4096,
    durationMs: 120,
    reply: "250 2.0.0 OK",
    queueId: "Q1",
    outcome: "accepted",
    ...changes,
  };
}
