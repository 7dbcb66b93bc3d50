/**
 * The database of the older Next.js proxy, read from a copy.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";

/** An account of the older proxy: a row of its table `tokens`. */
export interface OldAccount {
  /** Claim `oid`. */
  readonly uid: string;
  /** The SMTP user name. */
  readonly email: string;
  /** In clear text; empty if there is none. */
  readonly smtpPassword: string;
  /** The app registration. */
  readonly appId: string;
  /** MSAL's serialized token cache; empty if the proxy has given the account up. */
  readonly cache: string;
}

/** An old database that cannot be used. The message names the remedy. */
export class OldDatabaseError extends Error {
  override readonly name = "OldDatabaseError";
}

const OWNER_ONLY = 0o600;

const SELECT = `
  SELECT uid, email, smtp_password AS smtpPassword, app_id AS appId, cache
  FROM tokens ORDER BY email, uid`;

/**
 * Reads all accounts. Opening the file with SQLite could change it, so a copy is opened, which is deleted at the end.
 *
 * @param workDirectory A private directory for the copy, which contains passwords.
 * @throws {OldDatabaseError}
 */
export function readOldAccounts(path: string, workDirectory: string): readonly OldAccount[] {
  const directory = Deno.makeTempDirSync({ dir: workDirectory, prefix: "import-" });
  try {
    return readCopy(copyDatabase(path, directory));
  } catch (cause) {
    if (cause instanceof OldDatabaseError) throw cause;
    throw new OldDatabaseError(
      `${path} cannot be read as a database of the older proxy. Stop that proxy, and name its SQLite file.`,
      { cause },
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Copies the file and its write-ahead log, if any: the newest changes may be only there. */
function copyDatabase(path: string, directory: string): string {
  const copy = join(directory, "old.sqlite");
  copyPrivately(path, copy);
  try {
    copyPrivately(`${path}-wal`, `${copy}-wal`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return copy;
}

function copyPrivately(from: string, to: string): void {
  Deno.copyFileSync(from, to);
  if (Deno.build.os !== "windows") Deno.chmodSync(to, OWNER_ONLY);
}

function readCopy(path: string): readonly OldAccount[] {
  using database = new DatabaseSync(path);
  return database.prepare(SELECT).all().map(toOldAccount);
}

function toOldAccount(row: Record<string, unknown>): OldAccount {
  const text = (name: keyof OldAccount) => String(row[name] ?? "");
  return {
    uid: text("uid"),
    email: text("email"),
    smtpPassword: text("smtpPassword"),
    appId: text("appId"),
    cache: text("cache"),
  };
}
