/**
 * Statements in SQL.
 *
 * @module
 */

/** A value for a parameter of a statement. */
export type Parameter =
  | string
  | number
  | boolean
  | Uint8Array
  | undefined
  | readonly (string | number | boolean | null | Uint8Array)[];

/** The values for the parameters of a statement: in their order, or for `:named` ones a record with these properties. */
export type Values = readonly Parameter[] | readonly [record: object];

/**
 * Runs statements. Their parameters are written `?`, `?1` or `:name`. A column `at_ms` is the property `atMs` of a row, and NULL
 * is `undefined`. Every method may throw a {@linkcode StoreError}.
 */
export interface Statements {
  /** Returns the first row. */
  get<Row>(sql: string, ...values: Values): Promise<Row | undefined>;
  /** Returns all rows. */
  all<Row>(sql: string, ...values: Values): Promise<Row[]>;
  /** Returns the number of rows that changed. */
  run(sql: string, ...values: Values): Promise<number>;
}
