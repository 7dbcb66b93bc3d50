/**
 * The database's interface and its records: small enough that a networked database can serve it as well as SQLite.
 *
 * Every method may throw a {@linkcode StoreError}. Accounts, tokens, app passwords and web sessions are on the disk when the
 * promise resolves. Deliveries and last uses, which a crash may lose, are written in batches within seconds.
 *
 * All times are milliseconds since the epoch. An absent value is `undefined`.
 *
 * @module
 */
import type { DeliveryOutcome, DeliveryStage } from "../../smtp/mod.ts";
import type { SharedDatabase } from "./shared_database.ts";

/** The identity behind an account at Microsoft: its only key. An e-mail address is no proof of a person's identity. */
export interface Identity {
  /** The tenant, a GUID in lower case: claim `tid` of a person. */
  readonly tenantId: string;
  /** Claim `oid`: the person within that tenant, a GUID in lower case. Of an app-only mailbox: its address in lower case. */
  readonly objectId: string;
}

/** The states of an account: the one list of them, for pages, commands and metrics too. */
export const ACCOUNT_STATES = [
  "active",
  /** The submission server refused the account's last sign-in for good. A success ends it. */
  "refused",
  /** Microsoft no longer accepts the tokens. */
  "sign-in-required",
] as const;

export type AccountState = typeof ACCOUNT_STATES[number];

/** A Microsoft account that has signed in here, or an app-only mailbox that an administrator has added. */
export interface AccountRecord extends Identity {
  /** Random and opaque; never changes and is never reused. */
  readonly id: string;
  /**
   * Whether it is a mailbox that nobody signs in to: the organisation's app registration sends for it, with an access token of
   * its own (RFC 6749 section 4.4). It has no stored tokens and never the state `sign-in-required`.
   */
  readonly appOnly: boolean;
  /** The user principal name, which the submission server knows the account by: the `user` of XOAUTH2. */
  readonly signInName: string;
  /**
   * Whether the sign-in name comes from an id_token, or has proved itself. If not, the mail address may be the sign-in name
   * too.
   */
  readonly signInNameConfirmed: boolean;
  /** The mailbox's address at the last sign-in: the sender. Not unique: another tenant may claim the same one. */
  readonly email: string;
  /** Whether Microsoft vouches for the address, see {@linkcode SignInRecord.emailVerified}. */
  readonly emailVerified: boolean;
  readonly displayName: string;
  /** Whether an invitation has admitted it although no account filter names it, see {@linkcode Invitation}. */
  readonly isInvited: boolean;
  /** The app registration (application id) that the tokens were issued to. */
  readonly clientId: string;
  /** An SMTP user name for devices with short fields: unique, lower case, without `@`. */
  readonly shortName?: string;
  readonly state: AccountState;
  /**
   * The reason for the state. `sign-in-required`: a code such as `AADSTS70008`, perhaps with Microsoft's text; see
   * `explainReason()`. `refused`: the submission server's reply on one line, such as `535 5.7.139 …`.
   */
  readonly stateReason?: string;
  /** The start of the state. */
  readonly stateSinceMs: number;
  readonly createdAtMs: number;
  /** The last sign-in with Microsoft. Of an app-only mailbox: the time at which it was added. */
  readonly signedInAtMs: number;
  /** The last renewal of the refresh token, by a sign-in or a refresh. Without meaning for an app-only mailbox. */
  readonly refreshedAtMs: number;
}

/** An account with its last login. */
export interface AccountUse {
  readonly account: AccountRecord;
  /** The last login with one of its app passwords. */
  readonly lastLoginAtMs?: number;
}

/** The result of a successful sign-in. */
export interface SignInRecord extends Identity {
  readonly signInName: string;
  readonly signInNameConfirmed: boolean;
  readonly email: string;
  /** Always true for personal accounts. Work accounts: claim `xms_edov`; without it, an address is only a claim. */
  readonly emailVerified: boolean;
  readonly displayName: string;
  readonly clientId: string;
  /** Whether an invitation admits the account from now on. Absent: what is stored stays. */
  readonly isInvited?: boolean;
  readonly atMs: number;
}

/** A mailbox that nobody signs in to. */
export interface MailboxRecord extends Identity {
  readonly email: string;
  readonly displayName: string;
  /** The app registration of the tenant, which sends for it. */
  readonly clientId: string;
  readonly atMs: number;
}

/** The account that a sign-in, or an administrator, has created or updated. */
export interface SignedInAccount {
  readonly account: AccountRecord;
  readonly created: boolean;
}

/** Selects accounts; all conditions apply together. */
export interface AccountConditions {
  readonly state?: AccountState;
  readonly clientId?: string;
  /** Only app-only mailboxes, or only accounts that have signed in. */
  readonly appOnly?: boolean;
  /** Only accounts that have signed in and whose last renewal was before this time. */
  readonly refreshedBeforeMs?: number;
  /** Text that occurs in one of the names or the e-mail address, in any case. */
  readonly search?: string;
}

/** Orders of a list of accounts: by address, the latest registration or renewal first, or those in trouble first. */
export const ACCOUNT_ORDERS = ["email", "state", "renewed", "created"] as const;

export type AccountOrder = typeof ACCOUNT_ORDERS[number];

/** Selects a page of accounts. */
export interface AccountQuery extends AccountConditions {
  /** Default: `email`. */
  readonly order?: AccountOrder;
  readonly limit: number;
  readonly offset?: number;
}

/** Stores accounts, keyed by their identity at Microsoft. */
export interface AccountStore {
  get(id: string): Promise<AccountRecord | undefined>;
  getByIdentity(identity: Identity): Promise<AccountRecord | undefined>;
  /** Returns all accounts with this e-mail address, sign-in name or short name, in any case: usually one. */
  listByName(name: string): Promise<readonly AccountRecord[]>;
  /** Returns accounts in the order of the query, and then by e-mail address. */
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
   * Creates the app-only mailbox of this identity, or updates its names and its registration. The state of a known one stays.
   */
  addMailbox(mailbox: MailboxRecord): Promise<SignedInAccount>;
  /**
   * Sets or removes the short SMTP user name; false if there is no such account.
   *
   * @param shortName In lower case.
   * @throws {StoreError} `conflict` when another account has it.
   */
  setShortName(accountId: string, shortName: string | undefined): Promise<boolean>;
  /**
   * Sets the state `refused`, unless the account has to sign in; false if it is set already for the same reason.
   *
   * @param reason See {@linkcode AccountRecord.stateReason}.
   */
  refuse(accountId: string, reason: string, atMs: number): Promise<boolean>;
  /** Ends the state `refused`; false if it was not set. */
  accept(accountId: string, atMs: number): Promise<boolean>;
  /** Sets the sign-in name that an id_token or a success has confirmed; false if it was set already. */
  confirmSignInName(accountId: string, signInName: string): Promise<boolean>;
  /** Deletes the account with everything that belongs to it; false if there is none. */
  delete(accountId: string): Promise<boolean>;
}

/** Tokens as stored; `token_vault.ts` opens them. */
export interface SealedTokens {
  readonly sealed: Uint8Array;
  /** Grows with each change, so that a writer notices when another one was faster. */
  readonly version: number;
}

/** The names of an account that a refresh has confirmed. Absent: the stored ones stay. */
export type ConfirmedNames = Partial<
  Pick<AccountRecord, "signInName" | "email" | "emailVerified">
>;

/** The result of a refresh. */
export interface Refresh extends ConfirmedNames {
  /** The last renewal of the refresh token. */
  readonly refreshedAtMs: number;
}

/** The reason why an account has to sign in again. */
export interface SignInReason {
  /** The version of the refused tokens. */
  readonly version: number;
  /** See {@linkcode AccountRecord.stateReason}. */
  readonly reason: string;
  readonly atMs: number;
}

/** Stores the sealed tokens of accounts. The version prevents a writer from replacing tokens it has not seen. */
export interface TokenStore {
  get(accountId: string): Promise<SealedTokens | undefined>;
  /**
   * Replaces tokens and increments their version; false if they have another version by now, set by a sign-in or another
   * process.
   *
   * @param refresh Absent: the same tokens were only sealed anew.
   */
  replace(accountId: string, tokens: SealedTokens, refresh?: Refresh): Promise<boolean>;
  /** Sets the state `sign-in-required`; false if it is set already, or the tokens have another version by now. */
  requireSignIn(accountId: string, because: SignInReason): Promise<boolean>;
}

/** A password for one mail client or device. The password itself is not stored. */
export interface AppPassword {
  readonly id: string;
  readonly accountId: string;
  /** The owner's name for it, such as "Gmail" or "printer". */
  readonly name: string;
  /** The senders it may use, in MAIL FROM and in the header: an address, or a pattern with `*`. Absent: any. */
  readonly allowedSender?: string;
  /** Whether MAIL FROM and the From header always become the mailbox's address. */
  readonly forcedSender: boolean;
  /** The recipients that it may write to: addresses and patterns such as `*@example.com`, separated by spaces. Absent: any. */
  readonly allowedRecipients?: string;
  /** Most recipients of its messages within 24 hours. Absent: any number. */
  readonly dailyLimit?: number;
  /** The client addresses that stand for a login with it: networks in CIDR notation, separated by spaces. Absent: none. */
  readonly clientAddresses?: string;
  /** Whether it comes from another program, so that it may be weaker than ours. */
  readonly imported: boolean;
  readonly createdAtMs: number;
  readonly lastUsedAtMs?: number;
  /** The client's IP address at the last use. */
  readonly lastUsedAddress?: string;
}

/** The number of app passwords of an account. */
export interface AppPasswordCount {
  readonly count: number;
  /** The last use of any of them. Absent: none was used. */
  readonly lastUsedAtMs?: number;
}

/** The rules of an app password, which may change: as whom it sends, to whom, how much, and from where without a login. */
export type AppPasswordRules = Pick<
  AppPassword,
  "allowedSender" | "forcedSender" | "allowedRecipients" | "dailyLimit" | "clientAddresses"
>;

/** A new app password with the keyed hash that finds it. */
export interface NewAppPassword extends AppPassword {
  /** 32 octets, see `Secrets.passwordHashes()`. */
  readonly hash: Uint8Array;
}

/** An app password that was found by its hash, with its owner: only what a login needs of both. */
export interface FoundAppPassword {
  readonly account: Pick<
    AccountRecord,
    | "id"
    | "appOnly"
    | "clientId"
    | "tenantId"
    | "objectId"
    | "signInName"
    | "signInNameConfirmed"
    | "email"
    | "emailVerified"
    | "isInvited"
    | "shortName"
    | "state"
    | "stateReason"
  >;
  readonly appPassword: Pick<
    AppPassword,
    "id" | "allowedSender" | "forcedSender" | "allowedRecipients" | "dailyLimit"
  >;
  /** The hash that matched. */
  readonly hash: Uint8Array;
}

/** An app password that client addresses stand for, with its owner. */
export interface AddressedAppPassword extends Omit<FoundAppPassword, "hash"> {
  /** See {@linkcode AppPassword.clientAddresses}. */
  readonly clientAddresses: string;
}

/** A successful login, for "last used". */
export interface AppPasswordUse {
  readonly appPasswordId: string;
  readonly atMs: number;
  /** The client's IP address. */
  readonly address: string;
}

/** Stores app passwords. Finding one by its keyed hash costs the same for any number of them. */
export interface AppPasswordStore {
  /** Returns the app password with one of these hashes, and its owner. */
  find(hashes: readonly Uint8Array[]): Promise<FoundAppPassword | undefined>;
  get(id: string): Promise<AppPassword | undefined>;
  /** Returns all app passwords that client addresses stand for. */
  listAddressed(): Promise<readonly AddressedAppPassword[]>;
  /** Returns an account's app passwords, oldest first. */
  list(accountId: string): Promise<readonly AppPassword[]>;
  /** Counts the app passwords of accounts, by their ids. An account without any is left out. */
  countEach(accountIds: readonly string[]): Promise<ReadonlyMap<string, AppPasswordCount>>;
  /** @throws {StoreError} `conflict` when the same password exists already, `gone` when the account was deleted. */
  add(appPassword: NewAppPassword): Promise<void>;
  /** Renames an app password; false if there is none. */
  rename(id: string, name: string): Promise<boolean>;
  /** Replaces the rules of an app password; false if there is none. Other processes learn of it as of a revocation. */
  setRules(id: string, rules: AppPasswordRules): Promise<boolean>;
  /** Replaces the hash by one with a newer key, in a batch. */
  rehash(id: string, hash: Uint8Array): Promise<void>;
  /** Revokes an app password; false if there is none. */
  delete(id: string): Promise<boolean>;
  /** Records a use, in a batch. */
  recordUse(use: AppPasswordUse): Promise<void>;
}

/** A value of the program itself, sealed. */
export interface SealedValue {
  readonly sealed: Uint8Array;
  /** Grows by one with each new value, from 1. */
  readonly version: number;
}

/** Stores values of the program itself, such as the tokens of applications, by their names. */
export interface SealedValueStore {
  get(name: string): Promise<SealedValue | undefined>;
  /** Stores a value, unless another one came first: then it returns false. @param version That of the value before; 0: none. */
  replace(name: string, sealed: Uint8Array, version: number): Promise<boolean>;
}

/** A browser that has signed in. */
export interface WebSession {
  /** SHA-256 of the random session id in the cookie: 32 octets. The id itself is not stored. */
  readonly idHash: Uint8Array;
  readonly accountId: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Stores the sessions of signed-in browsers. */
export interface WebSessionStore {
  /** @throws {StoreError} `gone` when the account was deleted. */
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

/** A right to the administration that belongs to no account: a link that opens a session once, or such a session. */
export interface AdminGrant {
  readonly kind: "link" | "session";
  /** SHA-256 of the random token: 32 octets. The token itself is not stored. */
  readonly hash: Uint8Array;
  readonly expiresAtMs: number;
}

/** Stores links to the administration and the sessions that they have opened. */
export interface AdminGrantStore {
  add(grant: AdminGrant): Promise<void>;
  /** Whether there is such a grant, and it has not expired. */
  has(kind: AdminGrant["kind"], hash: Uint8Array, nowMs: number): Promise<boolean>;
  /** Removes a grant; false if there is none, or it has expired. Of several callers one gets true. */
  take(kind: AdminGrant["kind"], hash: Uint8Array, nowMs: number): Promise<boolean>;
  /** Removes expired grants. Returns their number. */
  deleteExpired(nowMs: number): Promise<number>;
}

/** An invitation to sign in, which admits people whom no account filter names. */
export interface Invitation {
  readonly id: string;
  /** For whom it is, in the words of the administrator. */
  readonly name: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** The number of people who may still come by it. Absent: any number until it expires. */
  readonly usesLeft?: number;
}

/** A new invitation with the hash that finds it. */
export interface NewInvitation extends Invitation {
  /** SHA-256 of the random token in the link: 32 octets. The token itself is not stored. */
  readonly hash: Uint8Array;
}

/** Stores invitations. One that has expired or is used up is found no more. */
export interface InvitationStore {
  add(invitation: NewInvitation): Promise<void>;
  /** Returns those that work, oldest first. */
  list(nowMs: number): Promise<readonly Invitation[]>;
  find(hash: Uint8Array, nowMs: number): Promise<Invitation | undefined>;
  /** Counts a use. Returns the invitation; of several callers, only as many get it as uses are left. */
  use(hash: Uint8Array, nowMs: number): Promise<Invitation | undefined>;
  /** Revokes an invitation; false if there is none. */
  delete(id: string): Promise<boolean>;
  /** Removes those that do not work any more. Returns their number. */
  deleteExpired(nowMs: number): Promise<number>;
}

/** Something that somebody did to accounts, mailboxes or app passwords. */
export interface NewAuditEntry {
  readonly atMs: number;
  /** The address of an account, or words for who has none, such as "the command line". */
  readonly actor: string;
  /** The action in words, such as "created an app password". */
  readonly action: string;
  /** The object of the action: an address, perhaps with the name of a device. */
  readonly subject: string;
}

export interface AuditEntry extends NewAuditEntry {
  /** Grows with time. */
  readonly id: number;
}

/** Selects a page of the audit trail. */
export interface AuditQuery {
  /** Text that occurs in one of the columns, in any case. */
  readonly search?: string;
  /** Only entries with exactly this action. */
  readonly action?: string;
  /** Only older ones: the id of the last row of the page before. */
  readonly beforeId?: number;
  readonly limit: number;
}

/** Stores the audit trail. */
export interface AuditStore {
  record(entry: NewAuditEntry): Promise<void>;
  /** Returns entries, newest first. */
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Removes entries from before this time. Returns their number. */
  deleteBefore(timeMs: number): Promise<number>;
}

/** The end of the client secret of an app registration, as an administrator has entered it. */
export interface SecretEnd {
  /** The application id of the registration. */
  readonly clientId: string;
  readonly endsAtMs: number;
}

/** Stores the ends of client secrets, which no secret tells by itself. */
export interface SecretEndStore {
  list(): Promise<readonly SecretEnd[]>;
  /** Enters an end, or replaces the one that is known. */
  set(end: SecretEnd): Promise<void>;
}

/** The command that decided the outcome: of a transaction, or AUTH of a refused login. */
export type ActivityStage = DeliveryStage | "auth";

/** The record of one mail transaction. */
export interface NewDelivery {
  readonly stage: DeliveryStage;
  /** The end of the transaction. */
  readonly atMs: number;
  readonly accountId: string;
  readonly appPasswordId: string;
  /** The client's IP address. */
  readonly clientAddress: string;
  /** The reverse-path; empty for the null path. */
  readonly sender: string;
  /** The reverse-path as the client sent it. Absent: it was not rewritten. */
  readonly originalSender?: string;
  /** The From header as the client sent it, on one line. Absent: it was not rewritten. */
  readonly originalFrom?: string;
  readonly recipientCount: number;
  /**
   * The accepted forward-paths, or the refused ones if none was accepted, separated by a comma and a space. Absent: the
   * operator does not allow keeping them.
   */
  readonly recipients?: string;
  /** The number of refused recipients. */
  readonly refusedCount: number;
  /** The reply to the last of them, if others were accepted. */
  readonly refusedReply?: string;
  readonly sizeOctets: number;
  readonly durationMs: number;
  /** The final reply that the client got, on one line. Absent: the client had left. */
  readonly reply?: string;
  /** Why it was not accepted, see `Cause` in `lib/explain`. */
  readonly cause?: string;
  /** The upstream's id of the message, where its reply gave one. */
  readonly queueId?: string;
  readonly outcome: DeliveryOutcome;
}

/** A refused login of a known account. */
export interface RefusedLogin {
  readonly atMs: number;
  readonly accountId: string;
  /** The client's IP address. */
  readonly clientAddress: string;
  readonly outcome: Extract<DeliveryOutcome, "refused" | "deferred">;
  /** The reply that the client got, on one line. */
  readonly reply: string;
  /** Why, see `Cause` in `lib/explain`. */
  readonly cause?: string;
}

/**
 * A mail transaction in the database, or a refused login (stage `auth`): that one has no app password, no sender and no
 * recipients.
 */
export interface Delivery extends Omit<NewDelivery, "stage"> {
  readonly stage: ActivityStage;
  /** Grows with time. */
  readonly id: number;
  /** The app password's name. Absent: it is revoked, or this is a refused login. */
  readonly appPasswordName?: string;
  /** The number of equal logins within the hour after this one. */
  readonly attempts: number;
}

/** Different refused logins of one account that are recorded in an hour: enough to understand, no room for a flood. */
export const REFUSED_LOGINS_PER_HOUR = 20;

/** Selects deliveries; all conditions apply together. */
export interface DeliveryQuery {
  readonly accountId?: string;
  /** Text that occurs in the sender, the original From header, a recipient, the reply, the queue id or the client's address, in any case. */
  readonly search?: string;
  readonly stage?: ActivityStage;
  readonly outcome?: DeliveryOutcome;
  readonly appPasswordId?: string;
  /** Only those that ended at this time or later. */
  readonly sinceMs?: number;
  /** Only those that ended before this time. */
  readonly untilMs?: number;
  /** Only older ones: the id of the last row of the page before. */
  readonly beforeId?: number;
  /** Only newer ones: the id of the newest known row. */
  readonly afterId?: number;
  readonly limit: number;
}

/** Records that one {@linkcode DeliveryStore.search} looks at when no index knows the answer: some milliseconds. */
export const SEARCH_DEPTH = 2_000;

/** Selects records of one account; all conditions apply together. */
export interface DeliverySearch extends Omit<DeliveryQuery, "stage" | "afterId"> {
  readonly accountId: string;
  /** Only refused logins. */
  readonly stage?: "auth";
}

/** A page of an account's record. */
export interface DeliveryPage {
  readonly found: readonly Delivery[];
  /** Where the next page begins, see {@linkcode DeliveryQuery.beforeId}. Absent: there is none. */
  readonly olderThanId?: number;
}

/** The number of deliveries with one outcome in one span of time. */
export interface DeliveryCount {
  /** The start of the span. */
  readonly startMs: number;
  readonly outcome: DeliveryOutcome;
  readonly count: number;
}

/** Selects the deliveries to count. */
export interface DeliveryCountQuery {
  /** The start of a span. */
  readonly sinceMs: number;
  /** The length of each span of time: whole hours, with {@linkcode accountId} whole days. Spans begin at its multiples. */
  readonly spanMs: number;
  readonly accountId?: string;
}

/** Stores the record of mail transactions and of refused logins. */
export interface DeliveryStore {
  /** Records a delivery, in a batch. */
  record(delivery: NewDelivery): Promise<void>;
  /**
   * Records a refused login, in a batch. Equal ones of an hour become one with a count, which grows once a second at most, and
   * an account gets no more than {@linkcode REFUSED_LOGINS_PER_HOUR}.
   */
  recordRefusedLogin(login: RefusedLogin): Promise<void>;
  /**
   * Returns deliveries, newest first, including those that wait for their batch. With conditions beside the account and ids,
   * it looks at the account's {@linkcode SEARCH_DEPTH} newest.
   */
  list(query: DeliveryQuery): Promise<readonly Delivery[]>;
  /**
   * Returns a page of an account's record by time, newest first, including those that wait for their batch. It looks at
   * {@linkcode SEARCH_DEPTH} records at most, so that a page may be short, or empty, and not the last one all the same.
   */
  search(query: DeliverySearch): Promise<DeliveryPage>;
  /**
   * Counts mail transactions per span of time and outcome, oldest first, without empty spans. Those of deleted accounts stay
   * in the counts of all.
   */
  counts(query: DeliveryCountQuery): Promise<readonly DeliveryCount[]>;
  /**
   * Returns the number of recipients to whom an app password has sent messages since a time, those included whose acceptance
   * is unknown.
   */
  countSent(appPasswordId: string, sinceMs: number): Promise<number>;
  /** Removes at most `limit` deliveries that ended before this time. Returns their number. */
  deleteBefore(timeMs: number, limit: number): Promise<number>;
}

/** An app password, or a whole account, that is gone, or an app password whose rules have changed. */
export interface Revocation {
  /** Grows with time. */
  readonly id: number;
  readonly accountId: string;
  /** Absent: the whole account. */
  readonly appPasswordId?: string;
  /** Whether the app password is still there, with other rules. */
  readonly isChange: boolean;
}

/** Lists what any process on this database has revoked or changed: this program or its command line. */
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
  readonly sealedValues: SealedValueStore;
  readonly appPasswords: AppPasswordStore;
  readonly webSessions: WebSessionStore;
  readonly adminGrants: AdminGrantStore;
  readonly audit: AuditStore;
  readonly secretEnds: SecretEndStore;
  readonly invitations: InvitationStore;
  readonly deliveries: DeliveryStore;
  readonly revocations: RevocationStore;
  /** Absent: several replicas of the program may share the database, and each starts for itself. */
  readonly marks?: MarkStore;
  /** Present: several replicas of the program may share the database. */
  readonly shared?: SharedDatabase;
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

/** Remembers over a restart when something was done last. */
export interface MarkStore {
  /** Sets a mark to `atMs`, unless it was set within `pauseMs` before that. Returns whether it was set. */
  claim(name: string, atMs: number, pauseMs: number): Promise<boolean>;
}

/**
 * The kind of a {@linkcode StoreError}. `conflict`: the value belongs to another row. `gone`: the account that it belongs to was
 * deleted. `newer`: a newer version of this program
 * has changed the database. `foreign`: it belongs to another program. `unavailable`: the database server cannot be reached.
 * The others are troubles of the machine.
 */
export type StoreErrorKind =
  | "locked"
  | "unavailable"
  | "full"
  | "read-only"
  | "corrupt"
  | "newer"
  | "foreign"
  | "conflict"
  | "gone"
  | "other";

/** A database operation that failed. The message names the database and the remedy and contains no stored data. */
export class StoreError extends Error {
  override readonly name = "StoreError";

  constructor(readonly kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
