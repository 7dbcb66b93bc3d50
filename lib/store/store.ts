/**
 * The interface of the database, and its records.
 *
 * Every method may throw a {@linkcode StoreError}. Accounts, tokens, app passwords and web sessions are on the disk when the
 * promise resolves. Deliveries and last uses are written in batches within seconds; a crash may lose them.
 *
 * All times are milliseconds since the epoch. An absent value is `undefined`.
 *
 * @module
 */
import type { DeliveryOutcome, DeliveryStage } from "../../smtp/mod.ts";
import type { SharedDatabase } from "./shared_database.ts";

/** The identity of an account at Microsoft, which is its only key. An e-mail address does not prove who somebody is. */
export interface Identity {
  /** The tenant, a GUID in lower case: claim `tid` of a person. */
  readonly tenantId: string;
  /** Claim `oid`: the person in that tenant, a GUID in lower case. For an app-only mailbox: its address in lower case. */
  readonly objectId: string;
}

/** All states of an account. */
export const ACCOUNT_STATES = [
  "active",
  /** The submission server permanently refused the account's last sign-in. A success ends this state. */
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
   * Whether it is a mailbox that nobody signs in to. The organisation's app registration sends for it, with an access token of
   * its own (RFC 6749 section 4.4). It has no stored tokens, and is never in the state `sign-in-required`.
   */
  readonly appOnly: boolean;
  /** The user principal name, by which the submission server knows the account: the `user` of XOAUTH2. */
  readonly signInName: string;
  /**
   * Whether the sign-in name comes from an id_token, or has worked. If not, the mail address may be the sign-in name.
   */
  readonly signInNameConfirmed: boolean;
  /** The address of the mailbox at the last sign-in, which is the sender. Not unique: another tenant can claim the same one. */
  readonly email: string;
  /** Whether Microsoft vouches for the address, see {@linkcode SignInRecord.emailVerified}. */
  readonly emailVerified: boolean;
  readonly displayName: string;
  /** Whether an invitation has admitted it, so that no account filter needs to, see {@linkcode Invitation}. */
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
  /** The last sign-in with Microsoft. For an app-only mailbox: the time at which it was added. */
  readonly signedInAtMs: number;
  /** The last renewal of the refresh token, by a sign-in or a refresh. Has no meaning for an app-only mailbox. */
  readonly refreshedAtMs: number;
}

/** An account with its last login. */
export interface AccountUse {
  readonly account: AccountRecord;
  /** The last login with one of its app passwords. */
  readonly lastLoginAtMs?: number;
}

/** The result of a successful sign-in. */
export interface SignInRecord extends
  Identity,
  Pick<
    AccountRecord,
    "signInName" | "signInNameConfirmed" | "email" | "displayName" | "clientId"
  > {
  /** Always true for personal accounts. For work accounts: claim `xms_edov`; without it, nobody has verified the address. */
  readonly emailVerified: boolean;
  /** Whether an invitation admits the account from now on. Absent: the stored value stays. */
  readonly isInvited?: boolean;
  readonly atMs: number;
}

/** A mailbox that nobody signs in to. */
export interface MailboxRecord extends Identity {
  readonly email: string;
  readonly displayName: string;
  /** The app registration that sends for it. */
  readonly clientId: string;
  readonly atMs: number;
}

/** The account that a sign-in or an administrator has created or updated. */
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

/** The orders of a list of accounts: by address, by state with problems first, by the latest renewal, or by the latest creation. */
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
   * Returns a page of all accounts with their last logins, in the order of their ids. Every page is equally fast.
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
  /** Creates the app-only mailbox of this identity, or updates its names and its registration. Its state stays. */
  addMailbox(mailbox: MailboxRecord): Promise<SignedInAccount>;
  /**
   * Sets or removes the short SMTP user name; false if there is no such account.
   *
   * @param shortName In lower case.
   * @throws {StoreError} `conflict` if another account has it.
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
  /** Deletes an account with everything that belongs to it; false if there is none. */
  delete(accountId: string): Promise<boolean>;
}

/** Tokens as stored; `token_vault.ts` opens them. */
export interface SealedTokens {
  readonly sealed: Uint8Array;
  /** Increases with each change, so that a writer notices that another one was faster. */
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

/** Stores the sealed tokens of accounts. The version prevents a writer from replacing tokens that it has not seen. */
export interface TokenStore {
  get(accountId: string): Promise<SealedTokens | undefined>;
  /**
   * Replaces tokens and increments their version; false if they have another version by now, set by a sign-in or another
   * process.
   *
   * @param refresh Absent: the same tokens were sealed again.
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
  /** The client addresses that replace a login with it: networks in CIDR notation, separated by spaces. Absent: none. */
  readonly clientAddresses?: string;
  /** Whether it comes from another program and may be weaker than ours. */
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

/** The rules of an app password, which can change: its senders, recipients and limit, and its addresses without a login. */
export type AppPasswordRules = Pick<
  AppPassword,
  "allowedSender" | "forcedSender" | "allowedRecipients" | "dailyLimit" | "clientAddresses"
>;

/** A new app password with the keyed hash that finds it. */
export interface NewAppPassword extends AppPassword {
  /** 32 octets, see `Secrets.passwordHashes()`. */
  readonly hash: Uint8Array;
}

/** An app password that was found by its hash, with its owner: the parts that a login needs. */
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

/** An app password that client addresses can use without a login, with its owner. */
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

/** Stores app passwords. Finding one by its keyed hash is equally fast for any number of them. */
export interface AppPasswordStore {
  /** Returns the app password with one of these hashes, and its owner. */
  find(hashes: readonly Uint8Array[]): Promise<FoundAppPassword | undefined>;
  get(id: string): Promise<AppPassword | undefined>;
  /** Returns all app passwords that client addresses can use without a login. */
  listAddressed(): Promise<readonly AddressedAppPassword[]>;
  /** Returns an account's app passwords, oldest first. */
  list(accountId: string): Promise<readonly AppPassword[]>;
  /** Counts the app passwords of accounts, by their ids. An account without any is left out. */
  countEach(accountIds: readonly string[]): Promise<ReadonlyMap<string, AppPasswordCount>>;
  /** @throws {StoreError} `conflict` if the same password exists already, `gone` if the account was deleted. */
  add(appPassword: NewAppPassword): Promise<void>;
  /** Renames an app password; false if there is none. */
  rename(id: string, name: string): Promise<boolean>;
  /** Replaces the rules of an app password; false if there is none. Other processes are told as of a revocation. */
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
  /** The number of the value: 1 for the first one. */
  readonly version: number;
}

/** Stores values of the program itself, such as the tokens of applications, by their names. */
export interface SealedValueStore {
  get(name: string): Promise<SealedValue | undefined>;
  /** Stores a value; false if another writer was faster. @param version That of the previous value; 0 if there is none. */
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
  /** @throws {StoreError} `gone` if the account was deleted. */
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
  /** Removes a grant; false if there is none, or it has expired. Only one of several callers gets true. */
  take(kind: AdminGrant["kind"], hash: Uint8Array, nowMs: number): Promise<boolean>;
  /** Removes expired grants. Returns their number. */
  deleteExpired(nowMs: number): Promise<number>;
}

/** An invitation to sign in, which admits people who match no account filter. */
export interface Invitation {
  readonly id: string;
  /** The people it is for, in the words of the administrator. */
  readonly name: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** The number of people who can still use it. Absent: any number until it expires. */
  readonly usesLeft?: number;
}

/** A new invitation with the hash that finds it. */
export interface NewInvitation extends Invitation {
  /** SHA-256 of the random token in the link: 32 octets. The token itself is not stored. */
  readonly hash: Uint8Array;
}

/** Stores invitations. One that has expired or is used up is not found any more. */
export interface InvitationStore {
  add(invitation: NewInvitation): Promise<void>;
  /** Returns valid invitations, oldest first. */
  list(nowMs: number): Promise<readonly Invitation[]>;
  find(hash: Uint8Array, nowMs: number): Promise<Invitation | undefined>;
  /** Counts a use. Returns the invitation; `undefined` if it does not exist, has expired or has no uses left. */
  use(hash: Uint8Array, nowMs: number): Promise<Invitation | undefined>;
  /** Revokes an invitation; false if there is none. */
  delete(id: string): Promise<boolean>;
  /** Removes invitations that are not valid any more. Returns their number. */
  deleteExpired(nowMs: number): Promise<number>;
}

/** An action on accounts, mailboxes or app passwords. */
export interface NewAuditEntry {
  readonly atMs: number;
  /** The address of an account, or another name such as "the command line". */
  readonly actor: string;
  /** The action in words, such as "created an app password". */
  readonly action: string;
  /** The object of the action: an address, perhaps with the name of a device. */
  readonly subject: string;
}

export interface AuditEntry extends NewAuditEntry {
  /** Increases with time. */
  readonly id: number;
}

/** Selects a page of the audit trail. */
export interface AuditQuery {
  /** Text that occurs in one of the columns, in any case. */
  readonly search?: string;
  /** Only entries with exactly this action. */
  readonly action?: string;
  /** Only older ones than this: the last id of the previous page. */
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

/** The expiry of the client secret of an app registration, as an administrator has entered it. */
export interface SecretEnd {
  /** The application id of the registration. */
  readonly clientId: string;
  readonly endsAtMs: number;
}

/** Stores when client secrets expire, which the secrets themselves do not show. */
export interface SecretEndStore {
  list(): Promise<readonly SecretEnd[]>;
  /** Stores an expiry, or replaces the stored one. */
  set(end: SecretEnd): Promise<void>;
}

/** The command that decided the outcome of a transaction, or AUTH for a refused login. */
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
  /** The reverse-path; empty for the null reverse-path. */
  readonly sender: string;
  /** The reverse-path as the client sent it. Absent: it was not rewritten. */
  readonly originalSender?: string;
  /** The From header as the client sent it, on one line. Absent: it was not rewritten. */
  readonly originalFrom?: string;
  readonly recipientCount: number;
  /**
   * The accepted forward-paths, or the refused ones if none was accepted, separated by a comma and a space. Absent: the
   * operator does not want them to be kept.
   */
  readonly recipients?: string;
  /** The number of refused recipients. */
  readonly refusedCount: number;
  /** The reply to the last of them, if others were accepted. */
  readonly refusedReply?: string;
  readonly sizeOctets: number;
  readonly durationMs: number;
  /** The final reply to the client, on one line. Absent: the client had disconnected. */
  readonly reply?: string;
  /** Why it was not accepted, see `Cause` in `lib/explain`. */
  readonly cause?: string;
  /** The id of the message at the upstream, if its reply contained one. */
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
  /** The reply to the client, on one line. */
  readonly reply: string;
  /** Why, see `Cause` in `lib/explain`. */
  readonly cause?: string;
}

/** A mail transaction in the database, or a refused login (stage `auth`), which has no app password, sender or recipients. */
export interface Delivery extends Omit<NewDelivery, "stage"> {
  readonly stage: ActivityStage;
  /** Increases with time. */
  readonly id: number;
  /** The app password's name. Absent: it is revoked, or this is a refused login. */
  readonly appPasswordName?: string;
  /** The number of equal logins within the hour after this one. */
  readonly attempts: number;
}

/** Most different refused logins of one account that are recorded in an hour. More would say nothing new. */
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
  /** Only older ones than this: the last id of the previous page. */
  readonly beforeId?: number;
  /** Only newer ones than this. */
  readonly afterId?: number;
  readonly limit: number;
}

/** Most records that a {@linkcode DeliveryStore.search} reads if no index has the answer. It takes some milliseconds. */
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
  /** The {@linkcode DeliveryQuery.beforeId} of the next page. Absent: there is none. */
  readonly olderThanId?: number;
}

/** The number of deliveries with one outcome in a span of time. */
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
  /** The length of the spans: whole hours; with {@linkcode accountId} whole days. Spans begin at its multiples. */
  readonly spanMs: number;
  readonly accountId?: string;
}

/** Stores the record of mail transactions and of refused logins. */
export interface DeliveryStore {
  /** Records a delivery, in a batch. */
  record(delivery: NewDelivery): Promise<void>;
  /**
   * Records a refused login, in a batch. Equal ones within an hour become one with a count, which increases at most once a
   * second. An account gets at most {@linkcode REFUSED_LOGINS_PER_HOUR}.
   */
  recordRefusedLogin(login: RefusedLogin): Promise<void>;
  /**
   * Returns deliveries, newest first, including those that wait for their batch. With conditions other than the account and
   * ids, it reads only the {@linkcode SEARCH_DEPTH} newest of the account.
   */
  list(query: DeliveryQuery): Promise<readonly Delivery[]>;
  /**
   * Returns a page of an account's deliveries by time, newest first, including those that wait for their batch. It reads at
   * most {@linkcode SEARCH_DEPTH} records, so a page can be short or empty without being the last one.
   */
  search(query: DeliverySearch): Promise<DeliveryPage>;
  /**
   * Counts mail transactions by span of time and outcome, oldest first, without empty spans. The counts of all accounts
   * include deleted ones.
   */
  counts(query: DeliveryCountQuery): Promise<readonly DeliveryCount[]>;
  /**
   * Returns the number of recipients of the messages that an app password has sent since a time, including messages whose
   * acceptance is unknown.
   */
  countSent(appPasswordId: string, sinceMs: number): Promise<number>;
  /** Removes at most `limit` deliveries that ended before this time. Returns their number. */
  deleteBefore(timeMs: number, limit: number): Promise<number>;
}

/** A deleted app password or account, or an app password with new rules. */
export interface Revocation {
  /** Increases with time. */
  readonly id: number;
  readonly accountId: string;
  /** Absent: the whole account. */
  readonly appPasswordId?: string;
  /** Whether the app password still exists, with new rules. */
  readonly isChange: boolean;
}

/** Lists what any process with this database has revoked or changed: the server or a command. */
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
  /** Absent: several replicas can share the database, and each one starts independently. */
  readonly marks?: MarkStore;
  /** Present: several replicas can share the database. */
  readonly shared?: SharedDatabase;
  /** Throws if the database cannot be read now, or is known to be damaged: for `/readyz`. */
  check(): Promise<void>;
  /** Searches the whole database for damage, which takes a while. @throws {StoreError} `corrupt` */
  verify(): Promise<void>;
  /** Writes the batches now. */
  flush(): Promise<void>;
  /** Writes a consistent copy to a new file, while the program runs. */
  backup(path: string): Promise<void>;
  /** Flushes and closes. No method may be called afterwards. */
  close(): Promise<void>;
}

/** Stores when something was last done, for the next start. */
export interface MarkStore {
  /** Sets a mark to `atMs`; false if it was set within `pauseMs` before that. */
  claim(name: string, atMs: number, pauseMs: number): Promise<boolean>;
}

/**
 * The kind of a {@linkcode StoreError}. `conflict`: the value belongs to another row. `gone`: the account that it belongs to was
 * deleted. `newer`: a newer version of this program has changed the database. `foreign`: it belongs to another program.
 * `unavailable`: the database server cannot be reached. The others are faults of the machine.
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
