/**
 * The mark in the database by which a replica notices that it has another `SESSION_SECRET` than the others.
 *
 * @module
 */
import { SecretError, type Secrets } from "../crypto/mod.ts";
import type { SharedDatabase } from "../store/mod.ts";

const CONTEXT = "the database";
const READ = "SELECT sealed FROM secret_mark";
const WRITE = `
  INSERT INTO secret_mark (only_row, sealed) VALUES (true, $1)
  ON CONFLICT (only_row) DO NOTHING`;
const REPLACE = "UPDATE secret_mark SET sealed = $1 WHERE sealed = $2";

/**
 * Checks that `SESSION_SECRET` is that of the other replicas. The first one leaves the mark.
 *
 * @throws {SecretError}
 */
export async function checkSecretMark(database: SharedDatabase, secrets: Secrets): Promise<void> {
  const seal = () => secrets.seal("mark", CONTEXT, new Uint8Array());
  await database.run(WRITE, seal());
  const [row] = await database.all<{ sealed: Uint8Array }>(READ);
  try {
    const { stale } = secrets.open("mark", CONTEXT, row!.sealed);
    if (stale) await database.run(REPLACE, seal(), row!.sealed);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    throw new SecretError(
      error.kind,
      `SESSION_SECRET is not the one that the database ${database.name} was used with, so its tokens cannot be opened. ` +
        "Use the same SESSION_SECRET for all replicas. If it is lost, empty the tables secret_mark and sealed_values: everybody has to sign in again.",
    );
  }
}
