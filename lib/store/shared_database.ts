/**
 * The database as replicas of the program share it, beside the records of the store.
 *
 * @module
 */

import type { Statements } from "./statements.ts";

/** A PostgreSQL server that replicas share. Its statements are in PostgreSQL's SQL. */
export interface SharedDatabase extends Statements {
  /** Host, port and name, for messages. */
  readonly name: string;
  /** Runs `work` in a transaction. An exception rolls it back. */
  transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result>;
  /**
   * Calls back on each notification of this or another replica, with its payload. They may be lost: whoever listens looks at
   * the database now and then, too. Returns the function that ends it.
   */
  listen(onNotice: (payload: string) => void): () => Promise<void>;
}

const MARK = `
  INSERT INTO batch_writers AS w (id, last_batch, written_at) VALUES ($1, $2, clock_timestamp())
  ON CONFLICT (id) DO UPDATE SET last_batch = excluded.last_batch, written_at = excluded.written_at
  WHERE w.last_batch < excluded.last_batch`;

/**
 * Notes a batch as written, first in its own transaction. False: it was written already. So a batch can be repeated when the
 * answer to its COMMIT was lost, and nobody knows whether it was carried out.
 *
 * @param writer A random name of what numbers its batches, and writes one at a time, in the order of their numbers.
 */
export async function markBatch(
  statements: Statements,
  writer: string,
  number: number,
): Promise<boolean> {
  return await statements.run(MARK, writer, number) > 0;
}

/** The first number of the program's advisory locks: "SMTP" in ASCII. */
export const LOCK_CLASS = 0x534d5450;
/** The second number of advisory locks, by their purpose. */
export const LOCKS = { migration: 1, revocation: 2, delivery: 3, throttle: 4, alert: 5 } as const;

/** The channel of notifications. The payload tells what has changed. */
export const CHANNEL = "smtp_oauth2_proxy";
