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
  /** In clear text; empty when there is none. */
  readonly smtpPassword: string;
  /** The app registration. */
  readonly appId: string;
  /** MSAL's serialized token cache; empty once the proxy has given the account up. */
  readonly cache: string;
}

/** The old database cannot be used. The message names the remedy. */
export class OldDatabaseError extends Error {
  override readonly name = "OldDatabaseError";
}

const OWNER_ONLY = 0o600;

const SELECT = `
  SELECT uid, email, smtp_password AS smtpPassword, app_id AS appId, cache
  FROM tokens ORDER BY email, uid`;

/**
 * Reads all accounts. The file itself is only read: even opening it with SQLite could change it, so that is done with a
 * copy, which is deleted at the end.
 *
 * @param workDirectory Where the copy may lie: it contains passwords, so the directory has to be a private one.
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

/** Copies the file, with its write-ahead log if it has one: the newest changes may be there only. */
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
  const database = new DatabaseSync(path);
  try {
    return database.prepare(SELECT).all().map(toOldAccount);
  } finally {
    database.close();
  }
}

function toOldAccount(row: Record<string, unknown>): OldAccount {
  const { uid, email, smtpPassword, appId, cache } = row;
  return {
    uid: String(uid),
    email: String(email),
    smtpPassword: String(smtpPassword ?? ""),
    appId: String(appId),
    cache: String(cache ?? ""),
  };
}
