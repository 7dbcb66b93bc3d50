/**
 * The import of accounts from the older Next.js proxy: nobody has to sign in again or to change a mail client.
 *
 * @module
 */
import { type Accounts, isGuessable } from "../accounts/mod.ts";
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
  /** `known`: it is here already and stays unchanged. `failed`: see the notes. */
  readonly outcome: "imported" | "known" | "failed";
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
const SIGN_IN_REASON = "login_required";

const NOTES = {
  signIn: "Its tokens are gone: sign in with Microsoft once; the mail clients stay as they are.",
  noPassword: "It has no SMTP password: create an app password.",
  samePassword: "Its SMTP password belongs to another account as well: create an app password.",
  weakPassword:
    "Its SMTP password stays valid, but is weaker than a new app password: replace it when you can.",
} as const;

/**
 * Imports all accounts that are not here yet. It may be repeated: known accounts stay unchanged.
 *
 * @throws {OldDatabaseError} when the file is no database of the older proxy.
 * @throws {StoreError}
 */
export async function importOldProxy(options: ImportOptions): Promise<readonly ImportReport[]> {
  const reports: ImportReport[] = [];
  for (const old of readOldAccounts(options.path, options.workDirectory)) {
    reports.push(await importAccount(old, options));
  }
  return reports;
}

async function importAccount(old: OldAccount, options: ImportOptions): Promise<ImportReport> {
  const { email } = old;
  try {
    const plan = planOf(old, options.clock);
    const known = await options.store.accounts.getByIdentity(plan.identity);
    if (known && !await isUnfinished(known, options.store)) {
      return { email, outcome: "known", notes: [] };
    }
    const notes = notesOn(old, plan, options.clientIds);
    if (options.dryRun) return { email, outcome: "imported", notes };
    const account = known ?? await createAccount(old, plan, options);
    return {
      email,
      outcome: "imported",
      notes: [...notes, ...await movePassword(old, account, options)],
    };
  } catch (error) {
    if (!(error instanceof MsalCacheError)) throw error;
    return { email, outcome: "failed", notes: [error.message] };
  }
}

/** An account that the older proxy has given up keeps its password and has to sign in. */
function planOf({ uid, email, appId, cache }: OldAccount, clock: Pick<Clock, "now">): Plan {
  if (!isGuid(uid)) throw new MsalCacheError("Its user id is not a GUID.");
  const cached = cache === "" ? undefined : parseMsalCache(cache, uid, appId);
  return {
    identity: cached?.identity ?? { tenantId: PERSONAL_TENANT_ID, objectId: uid },
    signInName: cached?.signInName || email,
    displayName: cached?.displayName ?? "",
    refreshToken: cached?.refreshToken ?? "",
    obtainedAtMs: cached?.obtainedAtMs ?? clock.now(),
  };
}

/** Whether an earlier import was interrupted between the account and its password. A revoked password stays revoked. */
async function isUnfinished(
  { id }: AccountRecord,
  { appPasswords, revocations }: Store,
): Promise<boolean> {
  if ((await appPasswords.list(id)).length > 0) return false;
  return !(await revocations.listAfter(0)).some(({ accountId }) => accountId === id);
}

function notesOn(
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
  else if (isGuessable(smtpPassword)) notes.push(NOTES.weakPassword);
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

/** Imports the SMTP password. Returns a note if that is impossible. */
async function movePassword(
  { smtpPassword }: OldAccount,
  { id }: AccountRecord,
  { accounts }: ImportOptions,
): Promise<readonly string[]> {
  if (smtpPassword === "") return [];
  const moved = await accounts.importAppPassword(id, { name: APP_PASSWORD_NAME }, smtpPassword);
  return moved ? [] : [NOTES.samePassword];
}
