/**
 * What the database keeps, as plain data. All times are milliseconds since the epoch.
 *
 * @module
 */

/** Who somebody is at Microsoft: the only thing an account is ever recognised by, never by its e-mail address. */
export interface Identity {
  /** Claim `tid`: the tenant, a GUID in lower case. */
  readonly tenantId: string;
  /** Claim `oid`: the person within that tenant, a GUID in lower case. */
  readonly objectId: string;
}

/** `sign-in-required`: Microsoft has confirmed that the tokens are of no more use. */
export type AccountState = "active" | "sign-in-required";

/** One Microsoft account that has signed in here. */
export interface AccountRecord extends Identity {
  /** Random and opaque; never changes, never used again. */
  readonly id: string;
  /** The mailbox's address as of the last sign-in. Not unique: another tenant may claim the same one. */
  readonly email: string;
  /** Whether Microsoft vouches for the address, see {@linkcode SignInRecord.emailVerified}. */
  readonly emailVerified: boolean;
  readonly displayName: string;
  /** The app registration (application id) with which the tokens were issued. */
  readonly clientId: string;
  /** An SMTP user name for devices with short fields: unique, lower case, without `@`. */
  readonly shortName?: string;
  readonly state: AccountState;
  /** The reason of `sign-in-required`: a code such as `AADSTS70008`, perhaps with Microsoft's text; see `explainReason()`. */
  readonly stateReason?: string;
  /** Since when the state is what it is. */
  readonly stateSinceMs: number;
  readonly createdAtMs: number;
  /** The last sign-in with Microsoft. */
  readonly signedInAtMs: number;
  /** When the refresh token was last renewed, by a sign-in or a refresh. */
  readonly refreshedAtMs: number;
}

/** An account, and when it was used. */
export interface AccountUse {
  readonly account: AccountRecord;
  /** The last login with one of its app passwords. */
  readonly lastLoginAtMs?: number;
}

/** What a successful sign-in tells about an account. */
export interface SignInRecord extends Identity {
  readonly email: string;
  /** Personal accounts: true. Work accounts: claim `xms_edov`; without it anybody's address may be claimed. */
  readonly emailVerified: boolean;
  readonly displayName: string;
  readonly clientId: string;
  readonly atMs: number;
}

/** What a sign-in made of an account. */
export interface SignedInAccount {
  readonly account: AccountRecord;
  /** Whether it is new. */
  readonly created: boolean;
}

/** Tokens as they lie in the database: see `token_vault.ts` for what is inside. */
export interface SealedTokens {
  readonly sealed: Uint8Array;
  /** Grows with each change, so that a writer notices when another one was faster. */
  readonly version: number;
}

/** Why an account has to sign in again. */
export interface SignInReason {
  /** The version of the tokens that were refused. */
  readonly version: number;
  /** See {@linkcode AccountRecord.stateReason}. */
  readonly reason: string;
  readonly atMs: number;
}

/** A password for one mail client or device. The password itself is kept nowhere. */
export interface AppPassword {
  readonly id: string;
  readonly accountId: string;
  /** What its owner calls it, such as "Gmail" or "printer". */
  readonly name: string;
  /** The reverse-paths it may use: an address, or a pattern with `*`. Absent: any. */
  readonly allowedSender?: string;
  /** Taken over from another program, so it may be weaker than those made here. */
  readonly imported: boolean;
  readonly createdAtMs: number;
  readonly lastUsedAtMs?: number;
  /** The client's IP address at its last use. */
  readonly lastUsedAddress?: string;
}

/** A new app password with the keyed hash by which it is found. */
export interface NewAppPassword extends AppPassword {
  /** 32 octets, see `Secrets.passwordHashes()`. */
  readonly hash: Uint8Array;
}

/** An app password that was found by its hash, with its owner: no more of both than a login needs. */
export interface FoundAppPassword {
  readonly account: Pick<
    AccountRecord,
    "id" | "tenantId" | "email" | "shortName" | "state" | "stateReason"
  >;
  readonly appPassword: Pick<AppPassword, "id" | "allowedSender">;
  /** The one of the hashes asked for that matched. */
  readonly hash: Uint8Array;
}

/** A successful login, for "last used". */
export interface AppPasswordUse {
  readonly appPasswordId: string;
  readonly atMs: number;
  /** The client's IP address. */
  readonly address: string;
}

/** A browser that has signed in. */
export interface WebSession {
  /** SHA-256 of the random session id in the cookie: 32 octets. The id itself is kept nowhere. */
  readonly idHash: Uint8Array;
  readonly accountId: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * How a mail transaction ended. `accepted`: the upstream has the message. `refused`: for good (5yz). `deferred`: the client
 * may try again (4yz). `unknown`: the connection broke after the end of data was sent. `abandoned`: the client left before
 * the end.
 */
export type DeliveryOutcome = "accepted" | "refused" | "deferred" | "unknown" | "abandoned";

/** One mail transaction, as it happened. */
export interface NewDelivery {
  /** When it ended. */
  readonly atMs: number;
  readonly accountId: string;
  readonly appPasswordId: string;
  /** The client's IP address. */
  readonly clientAddress: string;
  /** The reverse-path; empty for the null path. */
  readonly sender: string;
  readonly recipientCount: number;
  /** The accepted forward-paths, separated by a comma and a space; null where the operator does not allow keeping them. */
  readonly recipients: string | null;
  readonly sizeOctets: number;
  readonly durationMs: number;
  /** The final reply as the client got it, on one line; null when the client had left. */
  readonly reply: string | null;
  /** The upstream's name for the message, where its reply gave one. */
  readonly queueId: string | null;
  readonly outcome: DeliveryOutcome;
}

/** A mail transaction in the database. */
export interface Delivery extends NewDelivery {
  /** Grows with time. */
  readonly id: number;
  /** The app password's name; null once it is revoked. */
  readonly appPasswordName: string | null;
}

/** Which deliveries to read; all conditions apply together. */
export interface DeliveryQuery {
  readonly accountId?: string;
  /** Text that occurs in the sender, a recipient, the reply, the queue id or the client's address, in any case. */
  readonly search?: string;
  readonly outcome?: DeliveryOutcome;
  /** Only older ones: the id of the last row of the page before. */
  readonly beforeId?: number;
  /** Only newer ones: the id of the newest row already known. */
  readonly afterId?: number;
  readonly limit: number;
}

/** How many deliveries ended in one way in one span of time. */
export interface DeliveryCount {
  /** Start of the span. */
  readonly startMs: number;
  readonly outcome: DeliveryOutcome;
  readonly count: number;
}

/** Which deliveries to count. */
export interface DeliveryCountQuery {
  readonly sinceMs: number;
  /** Length of each span of time. */
  readonly spanMs: number;
  readonly accountId?: string;
}

/** An app password, or a whole account, that is gone. */
export interface Revocation {
  /** Grows with time. */
  readonly id: number;
  readonly accountId: string;
  /** Absent: the whole account. */
  readonly appPasswordId?: string;
}

/** Conditions on accounts; all apply together. */
export interface AccountConditions {
  readonly state?: AccountState;
  readonly clientId?: string;
  /** Only those whose tokens were renewed last before this time. */
  readonly refreshedBeforeMs?: number;
  /** Text that occurs in the e-mail address, the display name or the short name, in any case. */
  readonly search?: string;
}

/** Which accounts to read. */
export interface AccountQuery extends AccountConditions {
  readonly limit: number;
  readonly offset?: number;
}
