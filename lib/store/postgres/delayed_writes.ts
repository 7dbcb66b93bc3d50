/**
 * Delayed writes in PostgreSQL.
 *
 * @module
 */
import { HOUR_MS } from "../../base/mod.ts";
import { LOCK_CLASS, LOCKS } from "../shared_database.ts";
import {
  COUNT_AGAIN,
  COUNT_REFUSED_LOGINS,
  type DelayedWrites,
  DELIVERY_COLUMNS,
  DELIVERY_PROPERTIES,
  type NewActivity,
  refusedLoginKey,
  refusedLoginRow,
  REHASH,
} from "../sql/delayed_writes.ts";
import type { Statements } from "../statements.ts";
import {
  type AppPasswordUse,
  type NewDelivery,
  REFUSED_LOGINS_PER_HOUR,
  type RefusedLogin,
} from "../store.ts";
import type { PostgresBatch, Writer } from "./batch.ts";

const NAMES = Object.keys(DELIVERY_COLUMNS);
const ACCOUNT_PARAMETER = 1 + NAMES.indexOf("account_id");
const ARRAYS = Object.values(DELIVERY_COLUMNS).map((type, index) => `?${index + 1}::${type}[]`);

/**
 * Inserts rows in the order in which they were recorded. A deleted account gets no row. The others are locked, so that a
 * deletion also deletes these rows.
 */
const INSERT = `
  WITH living AS MATERIALIZED (
    SELECT id FROM accounts WHERE id IN (SELECT unnest(?${ACCOUNT_PARAMETER}::text[])) FOR KEY SHARE)
  INSERT INTO deliveries (${NAMES.join(", ")})
  SELECT ${NAMES.map((name) => `new.${name}`).join(", ")}
  FROM unnest(${ARRAYS.join(", ")}) WITH ORDINALITY AS new (${NAMES.join(", ")}, number)
  JOIN living ON living.id = new.account_id
  ORDER BY new.number`;

/** The lock is held until the commit, so that rows become visible in the order of their ids. */
const LOCK = `SELECT pg_advisory_xact_lock(${LOCK_CLASS}, ${LOCKS.delivery})`;

const RECORD_USES = `
  UPDATE app_passwords SET last_used_at_ms = uses.at_ms, last_used_address = uses.address
  FROM unnest(?::text[], ?::bigint[], ?::text[]) AS uses (id, at_ms, address)
  WHERE app_passwords.id = uses.id`;

/** The delayed writes of a PostgreSQL database. */
export class PostgresDelayedWrites implements DelayedWrites {
  readonly #batch: PostgresBatch;

  constructor(batch: PostgresBatch) {
    this.#batch = batch;
  }

  recordDelivery(delivery: NewDelivery): void {
    this.#batch.add(delivery, DELIVERIES, { ...delivery, attempts: 1 });
  }

  recordRefusedLogin(login: RefusedLogin): void {
    this.#batch.add(refusedLoginKey(login), LOGINS, login);
  }

  recordUse(use: AppPasswordUse): void {
    this.#batch.add(`use ${use.appPasswordId}`, USES, use);
  }

  rehash(id: string, hash: Uint8Array): void {
    this.#batch.add(`rehash ${id}`, REHASHES, { id, hash });
  }

  flush(): Promise<void> {
    return this.#batch.flush();
  }

  tryFlush(): Promise<void> {
    return this.#batch.tryFlush();
  }
}

const DELIVERIES: Writer<NewActivity> = {
  order: 1,
  async write(statements, rows) {
    await statements.run(LOCK);
    await insert(statements, rows);
  },
};

const LOGINS: Writer<RefusedLogin> = {
  order: 1,
  async write(statements, logins) {
    await statements.run(LOCK);
    for (const login of logins) await recordLogin(statements, login);
  },
};

const USES: Writer<AppPasswordUse> = {
  order: 2,
  async write(statements, uses) {
    // In the same order on all replicas, so that they never wait for each other.
    const sorted = uses.toSorted((one, other) => one.appPasswordId < other.appPasswordId ? -1 : 1);
    await statements.run(
      RECORD_USES,
      sorted.map(({ appPasswordId }) => appPasswordId),
      sorted.map(({ atMs }) => atMs),
      sorted.map(({ address }) => address),
    );
  },
};

/** New hashes of app passwords. */
const REHASHES: Writer<{ readonly id: string; readonly hash: Uint8Array }> = {
  order: 2,
  async write(statements, changes) {
    for (const { id, hash } of changes) await statements.run(REHASH, hash, id);
  },
};

async function insert(statements: Statements, rows: readonly NewActivity[]): Promise<void> {
  const columns = DELIVERY_PROPERTIES.map((property) => rows.map((row) => row[property] ?? null));
  await statements.run(INSERT, ...columns);
}

async function recordLogin(statements: Statements, login: RefusedLogin): Promise<void> {
  const query = { ...login, sinceMs: login.atMs - HOUR_MS };
  if (await statements.run(COUNT_AGAIN, query) > 0) return;
  const known = await statements.get<{ count: number }>(COUNT_REFUSED_LOGINS, query);
  if (known!.count >= REFUSED_LOGINS_PER_HOUR) return;
  await insert(statements, [refusedLoginRow(login)]);
}
