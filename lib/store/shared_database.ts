/**
 * The database as the replicas of the program share it, apart from the records of the store.
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
   * Calls back with the payload of each notification of any replica. Notifications can be lost, so the caller has to poll as
   * well. Returns the function that ends it.
   */
  listen(onNotice: (payload: string) => void): () => Promise<void>;
}

const MARK = `
  INSERT INTO batch_writers AS w (id, last_batch, written_at) VALUES ($1, $2, clock_timestamp())
  ON CONFLICT (id) DO UPDATE SET last_batch = excluded.last_batch, written_at = excluded.written_at
  WHERE w.last_batch < excluded.last_batch`;

/**
 * Marks a batch as written; false if it was written already. Has to be the first statement of the batch's transaction. So a
 * batch can be repeated if the answer to its COMMIT was lost.
 *
 * @param writer A random name for a writer, which writes its batches one at a time in the order of their numbers.
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
/** The second numbers of the advisory locks, by their purpose. */
export const LOCKS = { migration: 1, revocation: 2, delivery: 3, throttle: 4, alert: 5 } as const;

/** The channel of notifications. The payload says what has changed. */
export const CHANNEL = "smtp_oauth2_proxy";
