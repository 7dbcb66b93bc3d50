/**
 * A sealed mark in the database, which shows a replica whether it has the same `SESSION_SECRET` as the others.
 *
 * @module
 */
import { SecretError, type Secrets } from "../crypto/mod.ts";
import { type SharedDatabase, type Store, TokenVault } from "../store/mod.ts";

const CONTEXT = "the database";
const READ = "SELECT sealed FROM secret_mark";
const WRITE = `
  INSERT INTO secret_mark (only_row, sealed) VALUES (true, $1)
  ON CONFLICT (only_row) DO NOTHING`;
const REPLACE = "UPDATE secret_mark SET sealed = $1 WHERE sealed = $2";

/** Accounts whose tokens are tried if there is no mark yet. */
const ACCOUNT_LIMIT = 20;

/**
 * Checks that `SESSION_SECRET` is the same as on the other replicas. The first one writes the mark.
 *
 * @throws {SecretError}
 */
export async function checkSecretMark(
  store: Store,
  database: SharedDatabase,
  secrets: Secrets,
): Promise<void> {
  const seal = () => secrets.seal("mark", CONTEXT, new Uint8Array());
  const read = async () => (await database.get<{ sealed: Uint8Array }>(READ))?.sealed;
  try {
    let mark = await read();
    if (!mark) {
      await checkTokens(store, secrets);
      await database.run(WRITE, seal());
      mark = await read();
    }
    const { stale } = secrets.open("mark", CONTEXT, mark!);
    if (stale) await database.run(REPLACE, seal(), mark);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    throw new SecretError(
      error.kind,
      `SESSION_SECRET is not the one that the database ${database.name} was used with, so its tokens cannot be opened. ` +
        "Use the same SESSION_SECRET for all replicas. If it is lost, empty the tables secret_mark, sealed_values and tokens: everybody has to sign in again.",
    );
  }
}

/** Fails if no tokens can be opened: then the database was copied, and the mark would be wrong. @throws {SecretError} */
async function checkTokens(store: Store, secrets: Secrets): Promise<void> {
  const vault = new TokenVault(store, secrets);
  let failure: SecretError | undefined;
  for (const account of await store.accounts.list({ limit: ACCOUNT_LIMIT })) {
    try {
      if (await vault.load(account)) return;
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      failure ??= error;
    }
  }
  if (failure) throw failure;
}
