/**
 * Accounts and their app passwords: login, creation and revocation.
 *
 * @module
 */
import { createHash } from "node:crypto";
import {
  type Account,
  type AddressMatcher,
  addressMatcher,
  type Authenticator,
  type ClientInfo,
  type Credentials,
  LoginError,
  type SubmissionTarget,
} from "../../smtp/mod.ts";
import { StoredAddressBook } from "./address_book.ts";
import { InputError, parseName, parseSender, parseShortName, type SenderChoice } from "./input.ts";
import { databaseUnavailable, PasswordLookup } from "./password_lookup.ts";
import {
  changedRules,
  parseRestrictions,
  type RestrictionChoice,
  type RuleChoice,
} from "./restrictions.ts";
import { submissionTarget } from "./submission_target.ts";
import { generateAppPassword, generatedSpelling, importedSpelling } from "./app_passwords.ts";
import { type Clock, MINUTE_MS, pause } from "../base/mod.ts";
import { signInRequired } from "../explain/mod.ts";
import type { Secrets } from "../crypto/mod.ts";
import { getLogger } from "../log/mod.ts";
import { accountKind } from "../microsoft/mod.ts";
import type { SignUpPolicy } from "../sign_in/mod.ts";
import {
  type AccountRecord,
  type AppPassword,
  type FoundAppPassword,
  type Revocation,
  type Store,
  StoreError,
} from "../store/mod.ts";

export interface AccountsOptions {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly clock: Pick<Clock, "now" | "setTimer">;
  /** Decides who may use the proxy. Absent: everybody with an account. */
  readonly signUpPolicy?: Pick<SignUpPolicy, "refusal">;
  /** The address of the sign-in page, for the text that asks people to sign in. Absent: not known. */
  readonly publicUrl?: string;
  /** Overrides the submission server of an account's kind. */
  readonly target?: Partial<SubmissionTarget>;
  /** `SMTP_LOGIN_BY_ADDRESS`: where a client's address may stand for a login. Default: nowhere. */
  readonly loginNetworks?: AddressMatcher;
}

/** The choices for a new app password. */
export interface AppPasswordChoice extends SenderChoice, RestrictionChoice {
  /** The owner's name for it, such as "Gmail" or "printer". */
  readonly name: string;
}

/** A new app password, with its text. */
export interface CreatedAppPassword {
  readonly appPassword: AppPassword;
  /** The password as shown to its owner, once. */
  readonly password: string;
}

/**
 * Represents whether a password of another program can be imported. `present`: the account has it already. `revoked`: it had it, until
 * somebody revoked it. `taken`: it belongs to another account. `full`: the account has too many app passwords.
 */
export type Importability = "possible" | "present" | "revoked" | "taken" | "full";

/** Called for each revocation or change by any process, perhaps more than once. */
export type RevocationListener = (revocation: Revocation) => void;

const MAX_APP_PASSWORDS_PER_ACCOUNT = 100;
/** Hexadecimal digits: 128 bits. */
const IMPORTED_ID_LENGTH = 32;
/** Accounts that are looked at without a pause: some milliseconds at most. */
const PAGE_SIZE = 64;
/** Pause between two pages, in which connections are served. */
const PAUSE_MS = 1;

/**
 * How long known senders go on while a shared database is unavailable: another replica may revoke an app password meanwhile.
 * A file that cannot be read is changed by nobody.
 */
const SHARED_TRUST_MS = 10 * MINUTE_MS;

const NOT_ALLOWED = "The operator of this proxy does not allow this account any more";

const log = getLogger("accounts");

/** Authenticates clients and manages app passwords. */
export class Accounts implements Authenticator {
  /** The app passwords that client addresses stand for. */
  readonly addressBook: StoredAddressBook;
  readonly #options: AccountsOptions;
  readonly #store: Store;
  readonly #lookup: PasswordLookup;
  readonly #listeners = new Set<RevocationListener>();
  /** Accounts that this process is deleting, for the log. */
  readonly #deleted = new Map<string, AccountRecord>();
  #lastRevocation: number;

  private constructor(options: AccountsOptions, lastRevocation: number) {
    this.#options = options;
    this.#store = options.store;
    const { store: { appPasswords, shared }, secrets, clock } = options;
    const trustMs = shared ? SHARED_TRUST_MS : Infinity;
    this.#lookup = new PasswordLookup(appPasswords, secrets, clock, trustMs);
    this.#lastRevocation = lastRevocation;
    this.addressBook = new StoredAddressBook({
      networks: options.loginNetworks ?? addressMatcher([]),
      appPasswords,
      admit: (found, client) => this.#admit(found, client),
      isTrusted: () => this.#lookup.isTrusted,
    });
  }

  /** Creates an instance. @throws {StoreError} */
  static async open(options: AccountsOptions): Promise<Accounts> {
    return new Accounts(options, await options.store.revocations.lastId());
  }

  /**
   * Finds the account by the app password alone and then compares the user name, so that an unknown user costs the same and
   * gets the same answer as a wrong password.
   */
  async authenticate({ username, password }: Credentials, client: ClientInfo): Promise<Account> {
    const found = await this.#find(password);
    if (!found || !ownsUsername(found.account, username)) throw invalidCredentials();
    return await this.#admit(found, client);
  }

  async #admit(
    { account, appPassword }: Omit<FoundAppPassword, "hash">,
    client: ClientInfo,
  ): Promise<Account> {
    this.#checkPolicy(account);
    if (account.state === "sign-in-required") {
      throw signInRequired(account.stateReason, accountKind(account), this.#options.publicUrl);
    }
    const use = {
      appPasswordId: appPassword.id,
      atMs: this.#options.clock.now(),
      address: client.address,
    };
    await this.#store.appPasswords.recordUse(use);
    return this.smtpAccount(account, appPassword);
  }

  /** Returns an account as the SMTP server sees it. @param appPassword Absent: a command of the operator. */
  smtpAccount(
    account: FoundAppPassword["account"],
    appPassword: FoundAppPassword["appPassword"] = { id: "", forcedSender: false },
  ): Account {
    const { id, email, signInName, signInNameConfirmed, state, tenantId, clientId } = account;
    const other = signInNameConfirmed || sameName(email, signInName) ? undefined : email;
    return {
      id,
      mailbox: email,
      signInName,
      otherName: other,
      target: this.target(account),
      kind: accountKind(account),
      application: account.appOnly ? { tenantId, clientId } : undefined,
      appPasswordId: appPassword.id,
      allowedSender: appPassword.allowedSender,
      forcedSender: appPassword.forcedSender,
      allowedRecipients: appPassword.allowedRecipients?.split(" "),
      dailyLimit: appPassword.dailyLimit,
      refused: state === "refused",
    };
  }

  /** Returns the submission server of an account. */
  target(account: Pick<AccountRecord, "tenantId">): SubmissionTarget {
    return submissionTarget(account, this.#options.target ?? {});
  }

  /** Creates an app password. @param id Default: a random one. @throws {InputError} */
  async createAppPassword(
    accountId: string,
    choice: AppPasswordChoice,
    id?: string,
  ): Promise<CreatedAppPassword> {
    const password = generateAppPassword();
    const appPassword = await this.#addAppPassword(accountId, choice, {
      spelling: generatedSpelling(password),
      imported: false,
      id,
    });
    return { appPassword, password };
  }

  /**
   * Creates app passwords for several devices: all of them, or none.
   *
   * @throws {InputError}
   */
  async createAppPasswords(
    accountId: string,
    choices: readonly AppPasswordChoice[],
  ): Promise<readonly CreatedAppPassword[]> {
    const created: CreatedAppPassword[] = [];
    try {
      for (const choice of choices) created.push(await this.createAppPassword(accountId, choice));
      return created;
    } catch (error) {
      for (const { appPassword } of created) {
        await this.revokeAppPassword(accountId, appPassword.id);
      }
      throw error;
    }
  }

  /**
   * Tells whether a password of another program can be imported.
   *
   * @param accountId Absent: the account does not exist yet.
   */
  async importability(accountId: string | undefined, password: string): Promise<Importability> {
    const hashes = this.#options.secrets.passwordHashes(importedSpelling(password));
    const found = await this.#store.appPasswords.find(hashes);
    if (found) return found.account.id === accountId ? "present" : "taken";
    if (accountId === undefined) return "possible";
    const ids = hashes.map(idOfImported);
    const revoked = (await this.#store.revocations.listAfter(0)).some((revocation) =>
      revocation.accountId === accountId && !revocation.isChange &&
      ids.includes(revocation.appPasswordId ?? "")
    );
    if (revoked) return "revoked";
    const { length } = await this.#store.appPasswords.list(accountId);
    return length < MAX_APP_PASSWORDS_PER_ACCOUNT ? "possible" : "full";
  }

  /**
   * Adds a password that another program has made, so that no mail client has to change. It has to be possible, see
   * {@linkcode Accounts.importability}.
   *
   * @throws {InputError}
   */
  importAppPassword(
    accountId: string,
    choice: AppPasswordChoice,
    password: string,
  ): Promise<AppPassword> {
    const spelling = importedSpelling(password);
    return this.#addAppPassword(accountId, choice, { spelling, imported: true });
  }

  /** Renames an app password; false if the account has no such one. @throws {InputError} */
  async renameAppPassword(accountId: string, id: string, name: string): Promise<boolean> {
    const newName = parseName(name);
    return await this.#owns(accountId, id) && await this.#store.appPasswords.rename(id, newName);
  }

  /**
   * Changes the rules of an app password; false if the account has no such one. Sessions that use it end as soon as no
   * transaction is open, so that the next one goes by the new rules.
   *
   * @param choice Absent fields stay as they are; empty ones are removed.
   * @throws {InputError}
   */
  async changeAppPassword(accountId: string, id: string, choice: RuleChoice): Promise<boolean> {
    const known = await this.#store.appPasswords.get(id);
    if (known?.accountId !== accountId) return false;
    const rules = changedRules(known, choice, this.addressBook.networks);
    const { clientAddresses } = rules;
    if (clientAddresses !== undefined) await this.addressBook.checkFree(clientAddresses, id);
    const changed = await this.#store.appPasswords.setRules(id, rules);
    await this.checkRevocations();
    return changed;
  }

  /** Revokes an app password and cuts the sessions that use it; false if the account has no such one. */
  async revokeAppPassword(accountId: string, id: string): Promise<boolean> {
    const revoked = await this.#owns(accountId, id) && await this.#store.appPasswords.delete(id);
    await this.checkRevocations();
    return revoked;
  }

  /**
   * Sets the short SMTP user name, or removes it if empty; false if there is no such account.
   *
   * @throws {InputError} when it is unacceptable, or belongs to another account.
   */
  async setShortName(accountId: string, entered: string): Promise<boolean> {
    const shortName = parseShortName(entered);
    this.#lookup.forget(accountId);
    try {
      return await this.#store.accounts.setShortName(accountId, shortName);
    } catch (error) {
      if (!(error instanceof StoreError && error.kind === "conflict")) throw error;
      throw new InputError("short-name", `The short name ${shortName} is taken. Choose another.`);
    }
  }

  /** Ends all web sessions of an account. Returns their number. */
  signOutEverywhere(accountId: string): Promise<number> {
    return this.#store.webSessions.deleteAll(accountId);
  }

  /** Deletes an account with everything that belongs to it and cuts its sessions; false if there is none. */
  async delete(accountId: string): Promise<boolean> {
    const account = await this.#store.accounts.get(accountId);
    if (account) this.#deleted.set(accountId, account);
    const existed = await this.#store.accounts.delete(accountId);
    await this.checkRevocations();
    this.#deleted.delete(accountId);
    return existed;
  }

  /** Adds a listener. Returns a function that removes it. */
  onRevoked(listener: RevocationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the listeners of revocations and changes by this process or another one. Call it once a second. */
  async checkRevocations(): Promise<void> {
    const revocations = await this.#store.revocations.listAfter(this.#lastRevocation);
    this.#lookup.noteAnswer();
    for (const revocation of revocations) {
      // Another call may have taken it up, while this one waited for the database.
      if (revocation.id <= this.#lastRevocation) continue;
      this.#lastRevocation = revocation.id;
      this.#forget(revocation.accountId, revocation.appPasswordId);
      this.#listeners.forEach((listener) => listener(revocation));
      await this.#logRevocation(revocation);
    }
  }

  #forget(accountId: string, appPasswordId?: string): void {
    this.#lookup.forget(accountId, appPasswordId);
    this.addressBook.forget(accountId, appPasswordId);
  }

  /** The app passwords of a deleted account go without a line of their own. */
  async #logRevocation({ accountId, appPasswordId, isChange }: Revocation): Promise<void> {
    const account = await this.#store.accounts.get(accountId);
    if (appPasswordId === undefined) {
      const deleted = this.#deleted.get(accountId);
      log.info("account deleted", deleted ? identityOf(deleted) : { account: accountId });
    } else if (account) {
      const text = isChange ? "app password changed" : "app password revoked";
      log.info(text, { ...identityOf(account), appPasswordId });
    }
  }

  /** Cuts the sessions of all accounts that the sign-up policy does not allow: the operator has changed it. */
  async enforcePolicy(): Promise<void> {
    const { signUpPolicy, clock } = this.#options;
    let page = await this.#store.accounts.listUses("", PAGE_SIZE);
    for (;;) {
      for (const { account } of page) {
        const refusal = signUpPolicy?.refusal(account);
        if (!refusal) continue;
        const { id, email, tenantId, objectId } = account;
        log.warning("account stopped by the account filters", {
          ...{ account: id, email, tenantId, objectId },
          ...refusal,
        });
        this.#forget(id);
        this.#listeners.forEach((listener) => listener({ id: 0, accountId: id, isChange: false }));
      }
      const last = page[PAGE_SIZE - 1];
      if (!last) return;
      await pause(clock, PAUSE_MS);
      page = await this.#store.accounts.listUses(last.account.id, PAGE_SIZE);
    }
  }

  #checkPolicy(account: FoundAppPassword["account"]): void {
    const refusal = this.#options.signUpPolicy?.refusal(account);
    if (!refusal) return;
    const { email, tenantId, objectId } = account;
    const cause = new Error(
      `${email} (${objectId}@${tenantId}) is not allowed: see ${refusal.setting}`,
    );
    throw new LoginError("refused", NOT_ALLOWED, { cause });
  }

  async #find(password: string): Promise<FoundAppPassword | undefined> {
    try {
      return await this.#lookup.find(password);
    } catch (error) {
      throw error instanceof StoreError ? databaseUnavailable(error) : error;
    }
  }

  async #addAppPassword(
    accountId: string,
    choice: AppPasswordChoice,
    { spelling, imported, id }: { spelling: string; imported: boolean; id?: string },
  ): Promise<AppPassword> {
    const account = await this.#accountWithRoom(accountId);
    const [hash] = this.#options.secrets.passwordHashes(spelling);
    const appPassword = {
      id: id ?? (imported ? idOfImported(hash) : crypto.randomUUID()),
      accountId,
      name: parseName(choice.name),
      ...parseSender(choice),
      ...parseRestrictions(choice, this.addressBook.networks),
      imported,
      createdAtMs: this.#options.clock.now(),
    };
    const { clientAddresses } = appPassword;
    if (clientAddresses !== undefined) await this.addressBook.checkFree(clientAddresses);
    await this.#store.appPasswords.add({ ...appPassword, hash }).catch(explainConflict);
    const { id: appPasswordId, name: named, forcedSender, allowedRecipients, dailyLimit } =
      appPassword;
    log.info("app password made", {
      ...identityOf(account),
      appPasswordId,
      named,
      sender: forcedSender ? "the mailbox" : appPassword.allowedSender,
      ...{ allowedRecipients, dailyLimit, clientAddresses },
      imported,
    });
    return appPassword;
  }

  async #accountWithRoom(accountId: string): Promise<AccountRecord> {
    const account = await this.#store.accounts.get(accountId);
    if (!account) throw noSuchAccount();
    const appPasswords = await this.#store.appPasswords.list(accountId);
    if (appPasswords.length >= MAX_APP_PASSWORDS_PER_ACCOUNT) {
      throw new InputError("account", "Too many app passwords. Revoke those that are not in use.");
    }
    return account;
  }

  async #owns(accountId: string, appPasswordId: string): Promise<boolean> {
    return (await this.#store.appPasswords.get(appPasswordId))?.accountId === accountId;
  }
}

function noSuchAccount(): InputError {
  return new InputError("account", "This account does not exist any more. Sign in again.");
}

/** An account may be deleted while something is added to it, and a password imported by two at the same time. */
function explainConflict(error: unknown): never {
  if (error instanceof StoreError && error.kind === "gone") throw noSuchAccount();
  if (error instanceof StoreError && error.kind === "conflict") {
    throw new InputError("account", "This app password exists already.");
  }
  throw error;
}

/** Returns the same id for the same password, so that a revoked one is recognised when it is imported again. */
function idOfImported(hash: Uint8Array): string {
  return createHash("sha256").update(hash).digest("hex").slice(0, IMPORTED_ID_LENGTH);
}

/** Returns the names of an account, for the log. */
function identityOf({ id, email, tenantId, objectId }: AccountRecord) {
  return { account: id, mailbox: email, tenant: tenantId, object: objectId };
}

/** Devices add spaces, tabs, no-break spaces or line ends to what was entered. */
function ownsUsername(
  { email, signInName, shortName }: FoundAppPassword["account"],
  username: string,
): boolean {
  const names = [email, signInName, shortName].filter((name) => name !== undefined);
  return names.some((name) => sameName(name, username.trim()));
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function invalidCredentials(): LoginError {
  return new LoginError("invalid", "The user name or the app password is wrong");
}
