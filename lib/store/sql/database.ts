/**
 * A database as the statements of this room see it: SQLite or PostgreSQL, which share one SQL but for their {@linkcode Dialect}.
 *
 * @module
 */

import type { Statements, Values } from "../statements.ts";

/** A statement with its values. */
export type Statement = readonly [sql: string, ...values: Values];

/** `durable`: what was written is on the disk. `relaxed`: a power failure may undo it, which is faster where it matters. */
export type Durability = "durable" | "relaxed";

/** The parts of statements in which the databases differ. */
export interface Dialect {
  /** The condition on accounts that `?1` is their e-mail address, sign-in name or short name, in any case. */
  readonly hasName: string;
  /** Begins the comparison of a text with a pattern, in any case of ASCII letters. */
  readonly like: string;
  /** Compares with an array parameter: equal to one of its texts. */
  readonly oneOf: string;
  /** Ends a SELECT whose rows nobody else may change until the end of the transaction. */
  readonly forUpdate: string;
  /** Ends a SELECT of rows to delete. Several replicas may do this at the same time: each takes other rows. */
  readonly skipLocked: string;
  /** Ends the assignments of an UPDATE that replaces tokens: the lease for their renewal ends. */
  readonly endTokenLease: string;
  /** The same for a value of the program. */
  readonly endValueLease: string;
  /** The expression for an e-mail address by which the indexes sort accounts. */
  readonly sortedEmail: string;
  /** Names the index of a SELECT where the database would choose a worse one. */
  indexedBy(index: string): string;
}

/** An open database with the current schema. */
export interface SqlDatabase extends Statements {
  readonly dialect: Dialect;
  readonly isOpen: boolean;
  /** Returns all rows, as {@linkcode Statements.all}: for lists and counts, which may take longer and must not delay logins. */
  report<Row>(sql: string, ...values: Values): Promise<Row[]>;
  /** Runs statements in one transaction: all of them, or none. Returns the rows of each. Default: durable. */
  transact<Row>(statements: readonly Statement[], durability?: Durability): Promise<Row[][]>;
  /** Removes copies of deleted rows from the write-ahead log, where the database can. */
  truncateLog(): Promise<void>;
  close(): Promise<void>;
}
