/**
 * The import of accounts from the older Next.js proxy. Nobody has to sign in again or change a mail program.
 *
 * @module
 */
import { type Accounts, type Importability, isGuessable } from "../accounts/mod.ts";
import type { Clock } from "../base/mod.ts";
import { MsalCacheError, parseMsalCache } from "./msal_cache.ts";
import { type OldAccount, readOldAccounts } from "./old_database.ts";
import { isGuid, PERSONAL_TENANT_ID } from "../microsoft/mod.ts";
import type { AccountRecord, Identity, Store, TokenVault } from "../store/mod.ts";

/** Dependencies and options of {@linkcode importOldProxy}. */
export interface ImportOptions {
  /** The database file of the older proxy, which is not changed. */
  readonly path: string;
  /** A private directory for a temporary copy: the one of our own database. */
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

/** The result of the import of an account; in a dry run, the expected result. */
export interface ImportReport {
  readonly email: string;
  /**
   * `imported`: the account with its password. `password`: the account existed already, and its old password was added as
   * another app password. `known`: both existed already. `failed`: see the notes.
   */
  readonly outcome: "imported" | "password" | "known" | "failed";
  /** Advice for its owner or the operator, in sentences. */
  readonly notes: readonly string[];
}

/** The values to write for an old account. */
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

/** The reasons why a password cannot be imported. */
const PASSWORD_NOTES: Readonly<Record<Importability, string | undefined>> = {
  possible: undefined,
  present: undefined,
  revoked: "Its SMTP password was revoked here, and stays revoked.",
  taken: "Its SMTP password belongs to another account as well: create an app password.",
  full: "Its SMTP password was left out, since the account has too many app passwords.",
};

/**
 * Imports all accounts that do not exist here yet, and the passwords of all accounts. It can be repeated: nothing is imported
 * twice.
 *
 * @throws {OldDatabaseError} if the file cannot be read, or is not a database of the older proxy.
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

/** Imports an account. @param passwords Those of the previous accounts. */
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

/** Returns whether an old password can be imported after the passwords of the previous accounts. */
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

/** Plans an import. An account whose tokens the older proxy has lost keeps its password, and has to sign in. */
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
