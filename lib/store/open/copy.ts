/**
 * Copies between the kinds of databases. What they need is loaded only where they are made.
 *
 * @module
 */
import type * as copies from "../copy/mod.ts";

export type { CopyReport } from "../copy/mod.ts";

/** See `copyToPostgres()` in `../copy/mod.ts`. */
export const copyToPostgres: typeof copies.copyToPostgres = async (...args) =>
  await (await import("../copy/mod.ts")).copyToPostgres(...args);

/** See `copyToSqlite()` in `../copy/mod.ts`. */
export const copyToSqlite: typeof copies.copyToSqlite = async (...args) =>
  await (await import("../copy/mod.ts")).copyToSqlite(...args);
