/**
 * The import of accounts from the older Next.js proxy: nobody has to sign in again or to change a mail client.
 *
 * @module
 */
import { type Accounts, type Importability, isGuessable } from "../accounts/mod.ts";
import type { Clock } from "../base/mod.ts";
import { MsalCacheError, parseMsalCache } from "./msal_cache.ts";
import { type OldAccount, readOldAccounts } from "./old_database.ts";
import { isGuid, PERSONAL_TENANT_ID } from "../microsoft/mod.ts";
import type { AccountRecord, Identity, Store, TokenVault } from "../store/mod.ts";

/** The dependencies and choices of {@linkcode importOldProxy}. */
export interface ImportOptions {
  /** The older proxy's database file; it stays as it is. */
  readonly path: string;
  /** A private directory for a temporary copy: that of our own database. */
  readonly workDirectory: string;
  readonly store: Store;
  readonly vault: TokenVault;
  readonly accounts: Accounts;
  readonly clock: Pick<Clock, "now">;
  /** The configured app registrations. */
  readonly clientIds: readonly string[];
  /** Whether to report only, and write nothing. */
  readonly dryRun: boolean;
}

/** The result of the import of one account; on a dry run, the expected result. */
export interface ImportReport {
  readonly email: string;
  /**
   * `imported`: the account with its password. `password`: the account was here already, and its old password was added as
   * another app password. `known`: all of it was here already. `failed`: see the notes.
   */
  readonly outcome: "imported" | "password" | "known" | "failed";
  /** Advice to its owner or the operator, in sentences. */
  readonly notes: readonly string[];
}

/** The values to write for one old account. */
interface Plan {
  readonly identity: Identity;
  readonly signInName: string;
  readonly displayName: string;
  /** Empty if the account has to sign in. */
  readonly refreshToken: string;
  readonly obtainedAtMs: number;
}

const APP_PASSWORD_NAME = "From the older proxy";
/** See `account_errors.ts`. */
const SIGN_IN_REASON = "moved_without_tokens";

const NOTES = {
  failed: "Sign in with Microsoft on the web page, and create an app password.",
  signIn: "Its tokens are gone: sign in with Microsoft once; the mail clients stay as they are.",
  noPassword: "It has no SMTP password: create an app password.",
  weakPassword:
    "Its SMTP password stays valid, but is weaker than a new app password: replace it when you can.",
} as const;

/** The reasons why a password is not imported. */
const PASSWORD_NOTES: Readonly<Record<Importability, string | undefined>> = {
  possible: undefined,
  present: undefined,
  revoked: "Its SMTP password was revoked here, and stays revoked.",
  taken: "Its SMTP password belongs to another account as well: create an app password.",
  full: "Its SMTP password was left out, since the account has too many app passwords.",
};

/**
 * Imports all accounts that are not here yet, and the passwords of all. It may be repeated: nothing is imported twice.
 *
 * @throws {OldDatabaseError} when the file cannot be read, or is no database of the older proxy.
 * @throws {StoreError}
 */
export async function importOldProxy(options: ImportOptions): Promise<readonly ImportReport[]> {
  const reports: ImportReport[] = [];
  const passwords = new Set<string>();
  for (const old of readOldAccounts(options.path, options.workDirectory)) {
    reports.push(await importAccount(old, passwords, options));
  }
  return reports;
}

/** @param passwords Those of the accounts before this one. */
async function importAccount(
  old: OldAccount,
  passwords: Set<string>,
  options: ImportOptions,
): Promise<ImportReport> {
  const { email, smtpPassword } = old;
  try {
    const plan = planOf(old, options.clock);
    const known = await options.store.accounts.getByIdentity(plan.identity);
    const importability = await importabilityOf(smtpPassword, known, passwords, options.accounts);
    const adds = smtpPassword !== "" && importability === "possible";
    const notes = [
      ...(known ? [] : accountNotes(old, plan, options.clientIds)),
      ...(adds && isGuessable(smtpPassword) ? [NOTES.weakPassword] : []),
      ...[PASSWORD_NOTES[importability] ?? []].flat(),
    ];
    if (!options.dryRun) {
      const account = known ?? await createAccount(old, plan, options);
      const choice = { name: APP_PASSWORD_NAME };
      if (adds) await options.accounts.importAppPassword(account.id, choice, smtpPassword);
    }
    return { email, outcome: known ? (adds ? "password" : "known") : "imported", notes };
  } catch (error) {
    if (!(error instanceof MsalCacheError)) throw error;
    return { email, outcome: "failed", notes: [error.message, NOTES.failed] };
  }
}

/** Returns whether an old password can be imported, as it will be after the accounts before this one. */
function importabilityOf(
  smtpPassword: string,
  known: AccountRecord | undefined,
  passwords: Set<string>,
  accounts: Accounts,
): Importability | Promise<Importability> {
  if (smtpPassword === "") return "possible";
  if (passwords.has(smtpPassword)) return "taken";
  passwords.add(smtpPassword);
  return accounts.importability(known?.id, smtpPassword);
}

/** An account that the older proxy has given up keeps its password and has to sign in. */
function planOf({ uid, email, appId, cache }: OldAccount, clock: Pick<Clock, "now">): Plan {
  if (!isGuid(uid)) throw new MsalCacheError("Its user id is not a GUID.");
  if (!email.includes("@")) throw new MsalCacheError("It has no e-mail address.");
  const cached = cache === "" ? undefined : parseMsalCache(cache, uid, appId);
  return {
    identity: cached?.identity ?? { tenantId: PERSONAL_TENANT_ID, objectId: uid },
    signInName: cached?.signInName || email,
    displayName: cached?.displayName ?? "",
    refreshToken: cached?.refreshToken ?? "",
    obtainedAtMs: cached?.obtainedAtMs ?? clock.now(),
  };
}

function accountNotes(
  { appId, smtpPassword }: OldAccount,
  { refreshToken }: Plan,
  clientIds: readonly string[],
): string[] {
  const notes: string[] = [];
  if (refreshToken === "") notes.push(NOTES.signIn);
  if (!clientIds.includes(appId)) {
    notes.push(`Its app registration ${appId} is not in APP_SECRETS: add it, or sign in again.`);
  }
  if (smtpPassword === "") notes.push(NOTES.noPassword);
  return notes;
}

async function createAccount(
  { appId, email }: OldAccount,
  { identity, refreshToken, obtainedAtMs, ...names }: Plan,
  { store, vault }: ImportOptions,
): Promise<AccountRecord> {
  const emailVerified = identity.tenantId === PERSONAL_TENANT_ID;
  const { account } = await vault.recordSignIn(
    {
      ...identity,
      ...names,
      signInNameConfirmed: false,
      email,
      emailVerified,
      clientId: appId,
      atMs: obtainedAtMs,
    },
    { accessToken: "", accessTokenExpiresAtMs: 0, refreshToken, obtainedAtMs },
  );
  if (refreshToken === "") {
    const version = (await store.tokens.get(account.id))!.version;
    const because = { version, reason: SIGN_IN_REASON, atMs: obtainedAtMs };
    await store.tokens.requireSignIn(account.id, because);
  }
  return account;
}
