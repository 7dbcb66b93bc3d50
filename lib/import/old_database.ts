/**
 * The database of the older Next.js proxy, read from a copy.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { errorText } from "../base/mod.ts";

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
  /** MSAL's serialized token cache; empty if the proxy has lost its tokens. */
  readonly cache: string;
}

/** An error of an old database that cannot be used. The message says what to do. */
export class OldDatabaseError extends Error {
  override readonly name = "OldDatabaseError";
}

const OWNER_ONLY = 0o600;

const SELECT = `
  SELECT uid, email, smtp_password AS smtpPassword, app_id AS appId, cache
  FROM tokens ORDER BY email, uid`;

/**
 * Reads all accounts from a temporary copy: opening the file itself with SQLite could change it.
 *
 * @param workDirectory A private directory for the copy, which contains passwords.
 * @throws {OldDatabaseError}
 */
export function readOldAccounts(path: string, workDirectory: string): readonly OldAccount[] {
  const directory = Deno.makeTempDirSync({ dir: workDirectory, prefix: "import-" });
  try {
    return readCopy(copyDatabase(path, directory));
  } catch (cause) {
    throw new OldDatabaseError(`${path} ${faultOf(cause)}`, { cause });
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Returns why a file could not be read and what to do, as the rest of a sentence. */
export function faultOf(cause: unknown): string {
  const [, fault] = FAULTS.find(([pattern]) => pattern.test(String(cause))) ?? [];
  return fault ?? `cannot be read: ${errorText(cause)}.`;
}

/** Faults with their remedies, by a pattern of the error's class or message. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [
    /^NotFound/,
    "does not exist. Give the whole path of the older proxy's SQLite file; a relative one begins at the program's folder.",
  ],
  [
    /^NotCapable/,
    "is outside of the folders that the program may read. Copy it into the folder of SQLITE_PATH.",
  ],
  [
    /^PermissionDenied/,
    "may not be read by the user that runs this command. Run the command as another user, or change the owner of the file " +
    "and of those beside it that end in -wal and -shm. The older proxy's container wrote them as user 1000.",
  ],
  [
    /neither a regular file|^IsADirectory/,
    "is not a file. Name the SQLite file in it, usually db.sqlite.",
  ],
  [
    /file is not a database/,
    "is not an SQLite database. Name the file in the older proxy's SQLITE_PATH.",
  ],
  [
    /no such (table|column)/,
    "is an SQLite database, but not one of the older proxy. Name the file in the older proxy's SQLITE_PATH.",
  ],
];

/** Copies the file, and its write-ahead log if there is one: it may contain the newest changes. */
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
  return database.prepare(SELECT).all().map((row) => {
    const texts = Object.entries(row).map(([name, value]) => [name, String(value ?? "")]);
    return Object.fromEntries(texts) as OldAccount;
  });
}
