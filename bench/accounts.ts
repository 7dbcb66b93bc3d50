/**
 * Databases with people who have signed in: what the proxy would have after so many sign-ins on its pages.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Credentials } from "./client.ts";
import { generateAppPassword, generatedSpelling } from "../lib/accounts/app_passwords.ts";
import { Secrets } from "../lib/crypto/secrets.ts";
import { SqliteStore } from "../lib/store/sqlite/sqlite_store.ts";
import { TokenVault } from "../lib/store/token_vault.ts";

/** The application that all of them have signed in with. */
export const CLIENT_ID = "bench";

const TENANT_ID = "11111111-1111-4111-8111-111111111111";
const TOKEN_LIFETIME_MS = 90 * 60_000;
/** Microsoft's tokens have this many octets, give or take some hundred. */
const ACCESS_TOKEN_OCTETS = 1_500;
const REFRESH_TOKEN_OCTETS = 1_000;

/**
 * Makes a database in which each account has unexpired tokens and one app password.
 *
 * @param sessionSecret The setting of that name: seals the tokens, keys the passwords' hashes.
 * @returns the app passwords, in the order of the accounts.
 */
export async function createDatabase(
  path: string,
  sessionSecret: string,
  accountCount: number,
): Promise<Credentials[]> {
  const secrets = new Secrets([sessionSecret]);
  const store = await SqliteStore.open(path);
  const vault = new TokenVault(store, secrets);
  const people: Credentials[] = [];
  for (let index = 0; index < accountCount; index++) {
    const username = `person${index}@sender.test`;
    const password = generateAppPassword();
    const { account } = await vault.recordSignIn(signIn(index, username), tokens());
    const [hash] = secrets.passwordHashes(generatedSpelling(password));
    await store.appPasswords.add({
      id: crypto.randomUUID(),
      accountId: account.id,
      name: "bench",
      forcedSender: false,
      imported: false,
      createdAtMs: Date.now(),
      hash,
    });
    people.push({ username, password });
  }
  await store.close();
  return people;
}

function signIn(index: number, email: string) {
  return {
    tenantId: TENANT_ID,
    objectId: `22222222-2222-4222-8222-${index.toString(16).padStart(12, "0")}`,
    signInName: email,
    signInNameConfirmed: true,
    email,
    emailVerified: true,
    displayName: `Person ${index}`,
    clientId: CLIENT_ID,
    atMs: Date.now(),
  };
}

function tokens() {
  const nowMs = Date.now();
  return {
    accessToken: randomText(ACCESS_TOKEN_OCTETS),
    accessTokenExpiresAtMs: nowMs + TOKEN_LIFETIME_MS,
    refreshToken: randomText(REFRESH_TOKEN_OCTETS),
    obtainedAtMs: nowMs,
  };
}

function randomText(octetCount: number): string {
  return randomBytes(Math.ceil(octetCount * 3 / 4)).toString("base64url").slice(0, octetCount);
}
