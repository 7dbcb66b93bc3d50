/**
 * Accounts and their app passwords: who may send, with what password, and the end of both.
 *
 * @module
 */
import {
  type Account,
  type Authenticator,
  type ClientInfo,
  type Credentials,
  LoginError,
  type SubmissionTarget,
} from "../../smtp/mod.ts";
import { InputError } from "./input_error.ts";
import { parseName, parseShortName } from "./names.ts";
import { PasswordLookup } from "./password_lookup.ts";
import { submissionTarget } from "./submission_target.ts";
import {
  generateAppPassword,
  generatedSpelling,
  importedSpelling,
  parseAllowedSender,
} from "./app_passwords.ts";
import type { Clock } from "../base/mod.ts";
import { signInRequiredText } from "../explain/mod.ts";
import type { Secrets } from "../crypto/mod.ts";
import {
  type AccountRecord,
  type AppPassword,
  type FoundAppPassword,
  type Revocation,
  type Store,
  StoreError,
} from "../store/mod.ts";

export { InputError };

export interface AccountsOptions {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly clock: Pick<Clock, "now">;
  /** Where people sign in, for the text that asks them to. Absent: not known. */
  readonly publicUrl?: string;
  /** Takes the place of what the kind of an account decides. */
  readonly target?: Partial<SubmissionTarget>;
}

/** What somebody chooses for a new app password. */
export interface AppPasswordChoice {
  /** What its owner calls it, such as "Gmail" or "printer". */
  readonly name: string;
  /** An address, or a pattern with `*`. Absent or empty: any sender. */
  readonly allowedSender?: string;
}

/** A new app password. */
export interface CreatedAppPassword {
  readonly appPassword: AppPassword;
  /** As it is shown, this one time. */
  readonly password: string;
}

/** Hears of everything that is revoked, by this process or another one; perhaps more than once. */
export type RevocationListener = (revocation: Revocation) => void;

const MAX_APP_PASSWORDS_PER_ACCOUNT = 100;

/** Answers who a client is, and keeps app passwords. */
export class Accounts implements Authenticator {
  readonly #store: Store;
  readonly #secrets: Secrets;
  readonly #clock: Pick<Clock, "now">;
  readonly #publicUrl: string | undefined;
  readonly #target: Partial<SubmissionTarget>;
  readonly #lookup: PasswordLookup;
  readonly #listeners = new Set<RevocationListener>();
  #lastRevocation: number;

  private constructor(options: AccountsOptions, lastRevocation: number) {
    this.#store = options.store;
    this.#secrets = options.secrets;
    this.#clock = options.clock;
    this.#publicUrl = options.publicUrl;
    this.#target = options.target ?? {};
    this.#lookup = new PasswordLookup(options.store.appPasswords, options.secrets);
    this.#lastRevocation = lastRevocation;
  }

  /** @throws {StoreError} */
  static async open(options: AccountsOptions): Promise<Accounts> {
    return new Accounts(options, await options.store.revocations.lastId());
  }

  /**
   * Finds the account by the app password alone, then compares the user name: so an unknown user costs as much, and is
   * answered the same, as a wrong password.
   */
  async authenticate({ username, password }: Credentials, client: ClientInfo): Promise<Account> {
    const found = await this.#find(password);
    if (!found || !ownsUsername(found.account, username)) throw invalidCredentials();
    const { account, appPassword } = found;
    if (account.state === "sign-in-required") throw this.#signInRequired(account);
    const use = { appPasswordId: appPassword.id, atMs: this.#clock.now(), address: client.address };
    await this.#store.appPasswords.recordUse(use);
    return {
      id: account.id,
      mailbox: account.email,
      target: this.target(account),
      appPasswordId: appPassword.id,
      allowedSender: appPassword.allowedSender,
    };
  }

  /** Where an account's messages are submitted. */
  target(account: Pick<AccountRecord, "tenantId">): SubmissionTarget {
    return submissionTarget(account, this.#target);
  }

  /** Makes an app password. @throws {InputError} */
  async createAppPassword(
    accountId: string,
    choice: AppPasswordChoice,
  ): Promise<CreatedAppPassword> {
    const password = generateAppPassword();
    const appPassword = await this.#addAppPassword(accountId, choice, {
      spelling: generatedSpelling(password),
      imported: false,
    });
    return { appPassword, password };
  }

  /**
   * Keeps a password that another program has made, so that no mail client has to change.
   *
   * @returns `undefined` when an app password with this text exists already.
   * @throws {InputError}
   */
  async importAppPassword(
    accountId: string,
    choice: AppPasswordChoice,
    password: string,
  ): Promise<AppPassword | undefined> {
    const spelling = importedSpelling(password);
    const known = await this.#store.appPasswords.find(this.#secrets.passwordHashes(spelling));
    return known
      ? undefined
      : this.#addAppPassword(accountId, choice, { spelling, imported: true });
  }

  /** @returns Whether the account has it. @throws {InputError} */
  async renameAppPassword(accountId: string, id: string, name: string): Promise<boolean> {
    const newName = parseName(name);
    return await this.#owns(accountId, id) && await this.#store.appPasswords.rename(id, newName);
  }

  /** Revokes an app password: sessions that use it are cut. @returns Whether the account had it. */
  async revokeAppPassword(accountId: string, id: string): Promise<boolean> {
    const revoked = await this.#owns(accountId, id) && await this.#store.appPasswords.delete(id);
    await this.checkRevocations();
    return revoked;
  }

  /**
   * Sets or removes (empty) the short SMTP user name.
   *
   * @returns Whether the account exists.
   * @throws {InputError} when it cannot be one, or belongs to another account.
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

  /** Ends all web sessions of an account. @returns How many there were. */
  signOutEverywhere(accountId: string): Promise<number> {
    return this.#store.webSessions.deleteAll(accountId);
  }

  /** Removes an account with everything that belongs to it; its sessions are cut. @returns Whether it existed. */
  async delete(accountId: string): Promise<boolean> {
    const existed = await this.#store.accounts.delete(accountId);
    await this.checkRevocations();
    return existed;
  }

  /** Adds a listener and returns the function that removes it. */
  onRevoked(listener: RevocationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Finds what was revoked by this process or another one, and tells the listeners. Call it once a second. */
  async checkRevocations(): Promise<void> {
    for (const revocation of await this.#store.revocations.listAfter(this.#lastRevocation)) {
      this.#lastRevocation = Math.max(this.#lastRevocation, revocation.id);
      this.#lookup.forget(revocation.accountId, revocation.appPasswordId);
      this.#listeners.forEach((listener) => listener(revocation));
    }
  }

  async #find(password: string): Promise<FoundAppPassword | undefined> {
    try {
      return await this.#lookup.find(password);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const text = "The account database is not available at the moment; try again later";
      throw new LoginError("temporary", text, { cause: error });
    }
  }

  async #addAppPassword(
    accountId: string,
    { name, allowedSender = "" }: AppPasswordChoice,
    { spelling, imported }: { spelling: string; imported: boolean },
  ): Promise<AppPassword> {
    await this.#checkRoom(accountId);
    const appPassword = {
      id: crypto.randomUUID(),
      accountId,
      name: parseName(name),
      allowedSender: parseAllowedSender(allowedSender),
      imported,
      createdAtMs: this.#clock.now(),
    };
    const [hash] = this.#secrets.passwordHashes(spelling);
    await this.#store.appPasswords.add({ ...appPassword, hash });
    return appPassword;
  }

  async #checkRoom(accountId: string): Promise<void> {
    if (!await this.#store.accounts.get(accountId)) {
      throw new InputError("account", "This account does not exist any more. Sign in again.");
    }
    const appPasswords = await this.#store.appPasswords.list(accountId);
    if (appPasswords.length >= MAX_APP_PASSWORDS_PER_ACCOUNT) {
      throw new InputError("account", "Too many app passwords. Revoke those that are not in use.");
    }
  }

  async #owns(accountId: string, appPasswordId: string): Promise<boolean> {
    return (await this.#store.appPasswords.get(appPasswordId))?.accountId === accountId;
  }

  #signInRequired({ id, stateReason }: FoundAppPassword["account"]): LoginError {
    const text = signInRequiredText(stateReason, this.#publicUrl);
    return new LoginError("sign-in-required", text, {
      cause: new Error(`account ${id}: ${stateReason}`),
    });
  }
}

function ownsUsername(account: FoundAppPassword["account"], username: string): boolean {
  const typed = username.trim().toLowerCase();
  return typed === account.email.toLowerCase() || typed === account.shortName;
}

function invalidCredentials(): LoginError {
  return new LoginError("invalid", "The user name or the app password is wrong");
}
