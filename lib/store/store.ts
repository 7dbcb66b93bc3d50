/**
 * The database, as the rest of the program sees it: small ports that a networked database can serve as well as SQLite.
 *
 * Every method may throw a {@linkcode StoreError}. What must not be lost (accounts, tokens, app passwords, web sessions) is
 * on the disk when its promise resolves. What may be lost in a crash (deliveries, last use) is written in batches within
 * some seconds.
 *
 * @module
 */
import type {
  AccountConditions,
  AccountQuery,
  AccountRecord,
  AccountUse,
  AppPassword,
  AppPasswordUse,
  Delivery,
  DeliveryCount,
  DeliveryCountQuery,
  DeliveryQuery,
  FoundAppPassword,
  Identity,
  NewAppPassword,
  NewDelivery,
  Revocation,
  SealedTokens,
  SignedInAccount,
  SignInReason,
  SignInRecord,
  WebSession,
} from "./records.ts";

export type * from "./records.ts";

/** Accounts, recognised by their identity at Microsoft. */
export interface AccountStore {
  get(id: string): Promise<AccountRecord | undefined>;
  getByIdentity(identity: Identity): Promise<AccountRecord | undefined>;
  /** All accounts with this e-mail address, in any case: usually one. */
  listByEmail(email: string): Promise<readonly AccountRecord[]>;
  /** Accounts, sorted by e-mail address. */
  list(query: AccountQuery): Promise<readonly AccountRecord[]>;
  /**
   * All accounts with their last logins, page by page: those whose id comes after this one, in the order of their ids. It
   * costs the same for each page.
   *
   * @param afterId The last id of the page before; empty for the first page.
   */
  listUses(afterId: string, limit: number): Promise<readonly AccountUse[]>;
  /** The number of accounts to which the conditions apply. */
  count(conditions?: AccountConditions): Promise<number>;
  /**
   * Keeps the result of a sign-in: makes the account when its identity is new, else brings it up to date. The state
   * becomes `active`, and the tokens replace the former ones, in one transaction.
   *
   * @param sealed Bound to the identity, see `token_vault.ts`.
   */
  recordSignIn(signIn: SignInRecord, sealed: Uint8Array): Promise<SignedInAccount>;
  /**
   * Sets or removes the short SMTP user name.
   *
   * @param shortName In lower case.
   * @returns Whether the account exists.
   * @throws {StoreError} `conflict` when another account has it.
   */
  setShortName(accountId: string, shortName: string | undefined): Promise<boolean>;
  /** Removes the account with everything that belongs to it. Returns whether it existed. */
  delete(accountId: string): Promise<boolean>;
}

/** The sealed tokens of accounts. `version` makes sure that nobody overwrites what they have not seen. */
export interface TokenStore {
  get(accountId: string): Promise<SealedTokens | undefined>;
  /**
   * Replaces tokens that still have this version; the version grows by one.
   *
   * @param refreshedAtMs When the refresh token was renewed; absent when it stayed the same and was only sealed anew.
   * @returns Whether they were replaced; if not, somebody else (a sign-in, another process) was faster: read them again.
   */
  replace(accountId: string, tokens: SealedTokens, refreshedAtMs?: number): Promise<boolean>;
  /**
   * Marks an account `sign-in-required`, provided its tokens still have this version.
   *
   * @returns Whether it is marked now by this call.
   */
  requireSignIn(accountId: string, because: SignInReason): Promise<boolean>;
}

/** App passwords, found by their keyed hash at a cost that does not depend on their number. */
export interface AppPasswordStore {
  /** The app password with one of these hashes, and its owner. */
  find(hashes: readonly Uint8Array[]): Promise<FoundAppPassword | undefined>;
  get(id: string): Promise<AppPassword | undefined>;
  /** An account's app passwords, oldest first. */
  list(accountId: string): Promise<readonly AppPassword[]>;
  /** @throws {StoreError} `conflict` when the same password exists already. */
  add(appPassword: NewAppPassword): Promise<void>;
  /** Returns whether it exists. */
  rename(id: string, name: string): Promise<boolean>;
  /** Keeps the hash under a newer key, in a batch. */
  rehash(id: string, hash: Uint8Array): Promise<void>;
  /** Revokes it. Returns whether it existed. */
  delete(id: string): Promise<boolean>;
  /** Notes a use, in a batch. */
  recordUse(use: AppPasswordUse): Promise<void>;
}

/** Browsers that have signed in. */
export interface WebSessionStore {
  add(session: WebSession): Promise<void>;
  /** The session, unless it has expired or was signed out. */
  get(idHash: Uint8Array, nowMs: number): Promise<WebSession | undefined>;
  /** Signs one browser out. */
  delete(idHash: Uint8Array): Promise<void>;
  /** Signs the account out everywhere. Returns the number of sessions that ended. */
  deleteAll(accountId: string): Promise<number>;
  /** Removes what has expired. Returns the number of rows. */
  deleteExpired(nowMs: number): Promise<number>;
}

/** The record of mail transactions. */
export interface DeliveryStore {
  /** Notes a delivery, in a batch. */
  record(delivery: NewDelivery): Promise<void>;
  /** Deliveries, newest first; includes those still waiting for their batch. */
  list(query: DeliveryQuery): Promise<readonly Delivery[]>;
  /** Counts per span of time and outcome, oldest first; spans without deliveries are left out. */
  counts(query: DeliveryCountQuery): Promise<readonly DeliveryCount[]>;
  /** Removes those that ended before this time, so many at most. Returns the number of rows. */
  deleteBefore(timeMs: number, limit: number): Promise<number>;
}

/** What was revoked by any process on this database: the program itself, its command line, its workers. */
export interface RevocationStore {
  /** The newest revocation's id; 0 when there was none. */
  lastId(): Promise<number>;
  /** Revocations that are newer than this id, oldest first. */
  listAfter(id: number): Promise<readonly Revocation[]>;
}

/** The whole database. */
export interface Store {
  readonly accounts: AccountStore;
  readonly tokens: TokenStore;
  readonly appPasswords: AppPasswordStore;
  readonly webSessions: WebSessionStore;
  readonly deliveries: DeliveryStore;
  readonly revocations: RevocationStore;
  /** Throws when the database cannot be read at the moment, or is known to be damaged: for `/readyz`. */
  check(): Promise<void>;
  /** Looks for damage that was not looked for at the opening; takes a while. Throws `corrupt` when there is some. */
  verify(): Promise<void>;
  /** Writes what waits in batches. */
  flush(): Promise<void>;
  /** Writes a consistent copy to a new file, while the program runs. */
  backup(path: string): Promise<void>;
  /** Flushes and closes; no method may be called afterwards. */
  close(): Promise<void>;
}

/**
 * What is wrong with the database. `conflict`: the value belongs to another row already. `newer`: a newer version of
 * this program has changed it. `foreign`: the file belongs to another program. The others are troubles of the machine.
 */
export type StoreErrorKind =
  | "locked"
  | "full"
  | "read-only"
  | "corrupt"
  | "newer"
  | "foreign"
  | "conflict"
  | "other";

/** A database operation that failed. The message names the file and the remedy and contains no stored data. */
export class StoreError extends Error {
  override readonly name = "StoreError";

  constructor(readonly kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
