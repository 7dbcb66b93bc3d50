/**
 * The import of accounts from the older proxy's database.
 *
 * @module
 */
export { importOldProxy, type ImportReport } from "./import_old_proxy.ts";
export { OldDatabaseError } from "./old_database.ts";
