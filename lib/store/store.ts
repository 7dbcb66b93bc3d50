/**
 * The database's interface: small enough that a networked database can serve it as well as SQLite.
 *
 * Every method may throw a {@linkcode StoreError}. Accounts, tokens, app passwords and web sessions are on the disk when the
 * promise resolves. Deliveries and last uses, which a crash may lose, are written in batches within seconds.
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

/** Stores accounts, keyed by their identity at Microsoft. */
export interface AccountStore {
  get(id: string): Promise<AccountRecord | undefined>;
  getByIdentity(identity: Identity): Promise<AccountRecord | undefined>;
  /** Returns all accounts with this e-mail address, in any case: usually one. */
  listByEmail(email: string): Promise<readonly AccountRecord[]>;
  /** Returns accounts, sorted by e-mail address. */
  list(query: AccountQuery): Promise<readonly AccountRecord[]>;
  /**
   * Returns a page of all accounts with their last logins, in the order of their ids. Each page costs the same.
   *
   * @param afterId The last id of the page before; empty for the first page.
   */
  listUses(afterId: string, limit: number): Promise<readonly AccountUse[]>;
  /** Returns the number of accounts that meet the conditions. */
  count(conditions?: AccountConditions): Promise<number>;
  /**
   * Creates or updates the account of this identity, in one transaction: the state becomes `active`, and the tokens replace
   * the former ones.
   *
   * @param sealed Bound to the identity, see `token_vault.ts`.
   */
  recordSignIn(signIn: SignInRecord, sealed: Uint8Array): Promise<SignedInAccount>;
  /**
   * Sets or removes the short SMTP user name; false if there is no such account.
   *
   * @param shortName In lower case.
   * @throws {StoreError} `conflict` when another account has it.
   */
  setShortName(accountId: string, shortName: string | undefined): Promise<boolean>;
  /** Deletes the account with everything that belongs to it; false if there is none. */
  delete(accountId: string): Promise<boolean>;
}

/** Stores the sealed tokens of accounts. The version prevents a writer from replacing tokens it has not seen. */
export interface TokenStore {
  get(accountId: string): Promise<SealedTokens | undefined>;
  /**
   * Replaces tokens and increments their version; false if they have another version by now, set by a sign-in or another
   * process.
   *
   * @param refreshedAtMs The renewal of the refresh token. Absent: the same token was only sealed anew.
   */
  replace(accountId: string, tokens: SealedTokens, refreshedAtMs?: number): Promise<boolean>;
  /** Sets the state `sign-in-required`; false if it is set already, or the tokens have another version by now. */
  requireSignIn(accountId: string, because: SignInReason): Promise<boolean>;
}

/** Stores app passwords. Finding one by its keyed hash costs the same for any number of them. */
export interface AppPasswordStore {
  /** Returns the app password with one of these hashes, and its owner. */
  find(hashes: readonly Uint8Array[]): Promise<FoundAppPassword | undefined>;
  get(id: string): Promise<AppPassword | undefined>;
  /** Returns an account's app passwords, oldest first. */
  list(accountId: string): Promise<readonly AppPassword[]>;
  /** @throws {StoreError} `conflict` when the same password exists already. */
  add(appPassword: NewAppPassword): Promise<void>;
  /** Renames an app password; false if there is none. */
  rename(id: string, name: string): Promise<boolean>;
  /** Replaces the hash by one with a newer key, in a batch. */
  rehash(id: string, hash: Uint8Array): Promise<void>;
  /** Revokes an app password; false if there is none. */
  delete(id: string): Promise<boolean>;
  /** Records a use, in a batch. */
  recordUse(use: AppPasswordUse): Promise<void>;
}

/** Stores the sessions of signed-in browsers. */
export interface WebSessionStore {
  add(session: WebSession): Promise<void>;
  /** Returns the session, unless it has expired or was signed out. */
  get(idHash: Uint8Array, nowMs: number): Promise<WebSession | undefined>;
  /** Signs one browser out. */
  delete(idHash: Uint8Array): Promise<void>;
  /** Signs the account out everywhere. Returns the number of sessions that ended. */
  deleteAll(accountId: string): Promise<number>;
  /** Removes expired sessions. Returns their number. */
  deleteExpired(nowMs: number): Promise<number>;
}

/** Stores the record of mail transactions. */
export interface DeliveryStore {
  /** Records a delivery, in a batch. */
  record(delivery: NewDelivery): Promise<void>;
  /** Returns deliveries, newest first, including those that wait for their batch. */
  list(query: DeliveryQuery): Promise<readonly Delivery[]>;
  /** Counts per span of time and outcome, oldest first, without empty spans. */
  counts(query: DeliveryCountQuery): Promise<readonly DeliveryCount[]>;
  /** Removes at most `limit` deliveries that ended before this time. Returns their number. */
  deleteBefore(timeMs: number, limit: number): Promise<number>;
}

/** Lists what any process on this database has revoked: this program or its command line. */
export interface RevocationStore {
  /** Returns the newest revocation's id; 0 if there is none. */
  lastId(): Promise<number>;
  /** Returns revocations that are newer than this id, oldest first. */
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
  /** Throws when the database cannot be read now, or is known to be damaged: for `/readyz`. */
  check(): Promise<void>;
  /** Searches for damage that opening did not search for; takes a while. @throws {StoreError} `corrupt`. */
  verify(): Promise<void>;
  /** Writes the batches now. */
  flush(): Promise<void>;
  /** Writes a consistent copy to a new file, while the program runs. */
  backup(path: string): Promise<void>;
  /** Flushes and closes. No method may be called afterwards. */
  close(): Promise<void>;
}

/**
 * The kind of a {@linkcode StoreError}. `conflict`: the value belongs to another row. `newer`: a newer version of this program
 * has changed the file. `foreign`: the file belongs to another program. The others are troubles of the machine.
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
