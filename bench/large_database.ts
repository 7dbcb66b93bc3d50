/**
 * A database as a large installation has it after a month: accounts, mailboxes, deliveries, an audit trail.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { CLIENT_ID } from "./accounts.ts";
import { DAY_MS } from "../lib/base/mod.ts";
import { COUNT_DELIVERIES } from "../lib/store/sqlite/migrations.ts";
import { SqliteStore } from "../lib/store/sqlite/sqlite_store.ts";

/** Accounts, {@linkcode MAILBOX_COUNT} of which are mailboxes that nobody signs in to. */
export const ACCOUNT_COUNT = 10_000;
/** Deliveries, a twentieth of which belong to one account. */
export const DELIVERY_COUNT = 1_000_000;
export const MAILBOX_COUNT = 500;
const AUDIT_COUNT = 20_000;
const RETENTION_DAYS = 30;
/** Every so many deliveries, one is of the busy account. */
const BUSY_EVERY = 20;

/** Somebody with an account. */
export interface Reader {
  readonly accountId: string;
  readonly email: string;
}

/** The account whose pages are read: an administrator whose printers send a twentieth of everything. */
export const READER: Reader = readerOf(0);

/** A mailbox that nobody signs in to. */
export const MAILBOX: Reader = readerOf(ACCOUNT_COUNT - 1);

/** Makes the database; takes about a minute. */
export async function createLargeDatabase(path: string): Promise<void> {
  await (await SqliteStore.open(path)).close();
  const database = new DatabaseSync(path);
  database.exec(
    "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000",
  );
  const indexes = database.prepare(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'deliveries'",
  ).all();
  database.exec("BEGIN");
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
  insertAccounts(database);
  insertDeliveries(database);
  insertAuditTrail(database);
  database.exec(COUNT_DELIVERIES);
  // One after another at the end, they cost a fraction.
  for (const { sql } of indexes) database.exec(String(sql));
  database.exec("COMMIT; PRAGMA journal_mode = WAL");
  database.close();
}

function readerOf(index: number): Reader {
  return { accountId: idOf("a", index), email: `person${index}@sender.test` };
}

/** A GUID that is the same in each run. */
function idOf(kind: string, index: number): string {
  return `${kind.padEnd(8, "0")}-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
}

/** Returns a function that inserts a row into a table. */
function inserter(database: DatabaseSync, table: string, columns: readonly string[]) {
  const places = columns.map(() => "?").join(", ");
  const statement: StatementSync = database.prepare(
    `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places})`,
  );
  return (...values: (string | number | Uint8Array | null)[]) => statement.run(...values);
}

function insertAccounts(database: DatabaseSync): void {
  const account = inserter(database, "accounts", [
    ...["id", "app_only", "tenant_id", "object_id", "sign_in_name", "sign_in_name_confirmed"],
    ...["email", "email_verified", "display_name", "client_id", "state", "state_reason"],
    ...["state_since_ms", "created_at_ms", "signed_in_at_ms", "refreshed_at_ms"],
  ]);
  const tokens = inserter(database, "tokens", ["account_id", "sealed", "version"]);
  const password = inserter(database, "app_passwords", [
    ...["id", "account_id", "hash", "name", "forced_sender", "imported", "created_at_ms"],
    ...["last_used_at_ms", "last_used_address"],
  ]);
  const nowMs = Date.now();
  for (let index = 0; index < ACCOUNT_COUNT; index++) {
    const { accountId, email } = readerOf(index);
    const isMailbox = index >= ACCOUNT_COUNT - MAILBOX_COUNT;
    const [state, reason] = index % 50 === 7
      ? ["sign-in-required", "AADSTS70008"]
      : ["active", null];
    const atMs = nowMs - index * 1_000;
    account(
      ...[
        accountId,
        Number(isMailbox),
        idOf("b", 0),
        idOf("c", index),
        email,
        1,
        email,
        1,
      ] as const,
      ...[`Person ${index}`, CLIENT_ID, isMailbox ? "active" : state!, isMailbox ? null : reason!],
      ...[atMs, atMs, atMs, atMs],
    );
    if (!isMailbox) tokens(accountId, randomBytes(2_600), 1);
    for (let device = 0; device < 3; device++) {
      const id = idOf(`d${device}`, index);
      password(id, accountId, randomBytes(32), `Device ${device}`, 0, 0, atMs, nowMs, "192.0.2.7");
    }
  }
}

/** Most are accepted. One in 10,000 has an unknown end, and none is deferred: who looks for those looks at everything. */
function outcomeOf(index: number): string {
  if (index % 10_000 === 0) return "unknown";
  return index % 100 === 20 || index % 100 === 21 ? "refused" : "accepted";
}

function insertDeliveries(database: DatabaseSync): void {
  const delivery = inserter(database, "deliveries", [
    ...["stage", "at_ms", "account_id", "app_password_id", "client_address", "sender"],
    ...[
      "recipient_count",
      "recipients",
      "size_octets",
      "duration_ms",
      "reply",
      "queue_id",
      "outcome",
    ],
  ]);
  const endMs = Date.now();
  const stepMs = (RETENTION_DAYS - 1) * DAY_MS / DELIVERY_COUNT;
  for (let index = 0; index < DELIVERY_COUNT; index++) {
    const owner = index % BUSY_EVERY === 0 ? 0 : 1 + index % (ACCOUNT_COUNT - 1);
    const { accountId, email } = readerOf(owner);
    const isLogin = index % 500 === 3 || index % 500 === 40;
    const outcome = isLogin ? "refused" : outcomeOf(index);
    const reply = outcome === "accepted"
      ? "250 2.0.0 OK <0123456789@example.test> [Hostname=AM0PR01MB0000.example.test]"
      : "550 5.7.60 SMTP; Client does not have permissions to send as this sender";
    const device = isLogin ? "" : idOf(`d${index % 7 === 0 ? 1 : 0}`, owner);
    delivery(
      ...[isLogin ? "auth" : "data", Math.floor(endMs - (DELIVERY_COUNT - index) * stepMs)],
      ...[accountId, device, `192.0.2.${index % 200}`, email, 1],
      ...[`someone${index % 5_000}@receiver.test`, 4_096 + index % 1_000, 120.5, reply],
      ...[`Q${index}`, outcome],
    );
  }
}

function insertAuditTrail(database: DatabaseSync): void {
  const entry = inserter(database, "audit", ["at_ms", "actor", "action", "subject"]);
  for (let index = 0; index < AUDIT_COUNT; index++) {
    const { email } = readerOf(index % ACCOUNT_COUNT);
    entry(Date.now() - (AUDIT_COUNT - index), email, "created an app password", `${email}, Device`);
  }
}
