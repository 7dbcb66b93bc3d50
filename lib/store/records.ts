/**
 * The records in the database, as plain data. All times are milliseconds since the epoch. An absent value is `undefined`.
 *
 * @module
 */
import type { DeliveryOutcome } from "../../smtp/mod.ts";

export type { DeliveryOutcome };

/** A person's identity at Microsoft: the only key of an account. An e-mail address is no proof of identity. */
export interface Identity {
  /** Claim `tid`: the tenant, a GUID in lower case. */
  readonly tenantId: string;
  /** Claim `oid`: the person within that tenant, a GUID in lower case. */
  readonly objectId: string;
}

/** `sign-in-required`: Microsoft no longer accepts the tokens. */
export type AccountState = "active" | "sign-in-required";

/** A Microsoft account that has signed in here. */
export interface AccountRecord extends Identity {
  /** Random and opaque; never changes and is never reused. */
  readonly id: string;
  /** The mailbox's address at the last sign-in. Not unique: another tenant may claim the same one. */
  readonly email: string;
  /** Whether Microsoft vouches for the address, see {@linkcode SignInRecord.emailVerified}. */
  readonly emailVerified: boolean;
  readonly displayName: string;
  /** The app registration (application id) that the tokens were issued to. */
  readonly clientId: string;
  /** An SMTP user name for devices with short fields: unique, lower case, without `@`. */
  readonly shortName?: string;
  readonly state: AccountState;
  /** The reason for `sign-in-required`: an AADSTS code such as `AADSTS70008`, or an OAuth error code. */
  readonly stateReason?: string;
  /** The start of the state. */
  readonly stateSinceMs: number;
  readonly createdAtMs: number;
  /** The last sign-in with Microsoft. */
  readonly signedInAtMs: number;
  /** The last renewal of the refresh token, by a sign-in or a refresh. */
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
  readonly email: string;
  /** Always true for personal accounts. Work accounts: claim `xms_edov`; without it, an address is only a claim. */
  readonly emailVerified: boolean;
  readonly displayName: string;
  readonly clientId: string;
  readonly atMs: number;
}

/** The account that a sign-in has created or updated. */
export interface SignedInAccount {
  readonly account: AccountRecord;
  readonly created: boolean;
}

/** Tokens as stored; `token_vault.ts` opens them. */
export interface SealedTokens {
  readonly sealed: Uint8Array;
  /** Grows with each change, so that a writer notices when another one was faster. */
  readonly version: number;
}

/** The reason why an account has to sign in again. */
export interface SignInReason {
  /** The version of the refused tokens. */
  readonly version: number;
  /** See {@linkcode AccountRecord.stateReason}. */
  readonly reason: string;
  readonly atMs: number;
}

/** A password for one mail client or device. The password itself is not stored. */
export interface AppPassword {
  readonly id: string;
  readonly accountId: string;
  /** The owner's name for it, such as "Gmail" or "printer". */
  readonly name: string;
  /** The reverse-paths it may use: an address, or a pattern with `*`. Absent: any. */
  readonly allowedSender?: string;
  /** Whether it comes from another program, so that it may be weaker than ours. */
  readonly imported: boolean;
  readonly createdAtMs: number;
  readonly lastUsedAtMs?: number;
  /** The client's IP address at the last use. */
  readonly lastUsedAddress?: string;
}

/** A new app password with the keyed hash that finds it. */
export interface NewAppPassword extends AppPassword {
  /** 32 octets, see `Secrets.passwordHashes()`. */
  readonly hash: Uint8Array;
}

/** An app password that was found by its hash, with its owner: only what a login needs of both. */
export interface FoundAppPassword {
  readonly account: Pick<
    AccountRecord,
    "id" | "tenantId" | "email" | "shortName" | "state" | "stateReason"
  >;
  readonly appPassword: Pick<AppPassword, "id" | "allowedSender">;
  /** The hash that matched. */
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
  /** SHA-256 of the random session id in the cookie: 32 octets. The id itself is not stored. */
  readonly idHash: Uint8Array;
  readonly accountId: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** The record of one mail transaction. */
export interface NewDelivery {
  /** The end of the transaction. */
  readonly atMs: number;
  readonly accountId: string;
  readonly appPasswordId: string;
  /** The client's IP address. */
  readonly clientAddress: string;
  /** The reverse-path; empty for the null path. */
  readonly sender: string;
  readonly recipientCount: number;
  /** The accepted forward-paths, separated by a comma and a space. Absent: the operator does not allow keeping them. */
  readonly recipients?: string;
  readonly sizeOctets: number;
  readonly durationMs: number;
  /** The final reply that the client got, on one line. Absent: the client had left. */
  readonly reply?: string;
  /** The upstream's id of the message, where its reply gave one. */
  readonly queueId?: string;
  readonly outcome: DeliveryOutcome;
}

/** A mail transaction in the database. */
export interface Delivery extends NewDelivery {
  /** Grows with time. */
  readonly id: number;
  /** The app password's name. Absent: it is revoked. */
  readonly appPasswordName?: string;
}

/** Selects deliveries; all conditions apply together. */
export interface DeliveryQuery {
  readonly accountId?: string;
  /** Text that occurs in the sender, a recipient, the reply, the queue id or the client's address, in any case. */
  readonly search?: string;
  readonly outcome?: DeliveryOutcome;
  /** Only older ones: the id of the last row of the page before. */
  readonly beforeId?: number;
  /** Only newer ones: the id of the newest known row. */
  readonly afterId?: number;
  readonly limit: number;
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
  readonly sinceMs: number;
  /** The length of each span of time. */
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

/** Selects accounts; all conditions apply together. */
export interface AccountConditions {
  readonly state?: AccountState;
  readonly clientId?: string;
  /** Only accounts whose last renewal was before this time. */
  readonly refreshedBeforeMs?: number;
  /** Text that occurs in the e-mail address, the display name or the short name, in any case. */
  readonly search?: string;
}

/** Selects a page of accounts. */
export interface AccountQuery extends AccountConditions {
  readonly limit: number;
  readonly offset?: number;
}
