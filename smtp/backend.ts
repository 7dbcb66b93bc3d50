/**
 * The ports of the SMTP core: the interfaces that it needs from the outside, and nothing else. Read this file first.
 *
 * When a client logs in, an {@linkcode Authenticator} finds the account of its app password, and a
 * {@linkcode TokenSource} returns that account's access token. The {@linkcode Login} opens one {@linkcode Submission} for
 * each mail transaction; it answers with the upstream's own replies.
 *
 * @module
 */
import type { Credentials, Mail, Recipient, Reply } from "./protocol/mod.ts";

/** The client at the other end of a connection. */
export interface ClientInfo {
  /** Identifies the connection in every log line that belongs to it. */
  readonly sessionId: string;
  /** IPv4 or IPv6 address, without brackets or port. */
  readonly address: string;
  /** Whether the client's octets are protected by TLS. */
  readonly secure: boolean;
  /** The argument of EHLO or HELO as the client gave it: for display, and to guess its timeout. It proves nothing. */
  readonly helo: string;
}

/** The submission server of an account. */
export interface SubmissionTarget {
  /** DNS name. The certificate must be valid for it. */
  readonly host: string;
  readonly port: number;
  /** `starttls`: plain first, then upgraded (RFC 3207); `implicit`: TLS from the first octet (RFC 8314). */
  readonly tls: "starttls" | "implicit";
}

/** An app registration of one tenant that sends for mailboxes where nobody signs in. */
export interface Application {
  readonly tenantId: string;
  readonly clientId: string;
}

/** A mailbox that an app password belongs to. */
export interface Account {
  /** Key of the account: opaque, never changes. */
  readonly id: string;
  /** The mailbox's address: the sender, for display. */
  readonly mailbox: string;
  /** The `user` of XOAUTH2, which may differ from the address. It comes from the database, never from the client. */
  readonly signInName: string;
  /** Another name for the mailbox, to be tried once after 535 5.7.3: the sign-in name is not confirmed. */
  readonly otherName?: string;
  readonly target: SubmissionTarget;
  /**
   * Selects the wording of a refusal: the owner of a personal account has no administrator, and nobody signs in to a
   * `mailbox`.
   */
  readonly kind?: "personal" | "work" | "mailbox";
  /** The application that sends for the mailbox if nobody signs in. Only the {@linkcode TokenSource} uses it. */
  readonly application?: Application;
  /** The app password that was used; opaque. */
  readonly appPasswordId: string;
  /**
   * The sender that this app password can use in MAIL FROM and in the header: an address, or a pattern with `*`. Absent: any.
   */
  readonly allowedSender?: string;
  /** Whether MAIL FROM and the From header become the mailbox's address, whatever the client says. */
  readonly forcedSender?: boolean;
  /** The recipients that this app password can write to: addresses, or patterns with `*`. Absent: any. */
  readonly allowedRecipients?: readonly string[];
  /** The maximum number of recipients within 24 hours; see {@linkcode Allowance}. Absent: no limit. */
  readonly dailyLimit?: number;
  /** Whether the upstream refused its last sign-in, as far as the database knows: for observers. */
  readonly refused?: boolean;
}

/** Finds the account that credentials belong to. */
export interface Authenticator {
  /**
   * Returns the account of a user name and an app password.
   *
   * @throws {LoginError} `invalid` (the same for an unknown user as for a wrong password), `sign-in-required`, `throttled`
   * or `temporary`.
   */
  authenticate(credentials: Credentials, client: ClientInfo): Promise<Account>;
}

/** The login that a client's address stands for. */
export interface AddressLogin {
  /** The user name that its owner would log in with: for events. */
  readonly username: string;
  /** Returns the account, as {@linkcode Authenticator.authenticate} does. @throws {LoginError} */
  authenticate(): Promise<Account>;
}

/** Finds the app password that a client's address stands for, so that devices that cannot log in can send. */
export interface AddressBook {
  /** Whether the operator permits addresses of this network to stand for a login. */
  permits(address: string): boolean;
  /** Returns the login; `undefined` if no app password names the address. @throws {LoginError} `temporary`. */
  find(client: ClientInfo): Promise<AddressLogin | undefined>;
}

/** Counts what app passwords with a {@linkcode Account.dailyLimit} send. */
export interface Allowance {
  /** Reserves room for recipients. Returns the number granted, at most `wanted`. @throws if the count is not known. */
  reserve(account: Account, wanted: number): Promise<number>;
  /** Ends reservations, for refused recipients or after the transaction was recorded. */
  release(account: Account, count: number): void;
}

/** Provides access tokens for the submission server. */
export interface TokenSource {
  /**
   * Returns an access token that is valid for at least another minute. Takes five seconds at most.
   *
   * @param rejected A token that the upstream has just refused: a new one is fetched, unless that has already happened.
   * @throws {LoginError} `sign-in-required` or `temporary`.
   */
  accessToken(account: Account, rejected?: string): Promise<string>;
}

/** Logs clients in: the way from a session to the relay. */
export interface Backend {
  /** Logs a client in. @throws {SmtpError} when the account cannot send now. */
  login(credentials: Credentials, client: ClientInfo): Promise<Login>;
  /** Logs an authenticated account in. @throws {SmtpError} when it cannot send now. */
  admit(account: Account, client: ClientInfo): Promise<Login>;
}

/** A successful login. */
export interface Login {
  readonly account: Account;
  /** Starts a mail transaction. Nothing goes upstream before its first recipient. */
  open(mail: Mail): Submission;
}

/**
 * The form of a message: `plain` for BDAT (RFC 3030), or `stuffed` for DATA, where a dot at the beginning of a line is
 * doubled (RFC 5321 section 4.5.2).
 */
export type BodyForm = "plain" | "stuffed";

/** A piece of a message. */
export interface BodyChunk {
  /** Valid until the next call; may be empty. */
  readonly octets: Uint8Array;
  /** Whether the message ends here, complete as the client sent it. */
  readonly last: boolean;
}

/** A message that is being received. */
export interface MessageBody {
  /** All octets that the client has sent so far. Absent: the message comes from no client. */
  readonly arrivedCount?: number;
  /**
   * Returns the next piece. Every call asks for the same form; there is no call after the last piece.
   *
   * @throws {SmtpError} when the message must not be accepted.
   * @throws {ClientGoneError} when the client disconnected before the end.
   */
  next(form: BodyForm): BodyChunk | Promise<BodyChunk>;
}

/** One mail transaction (RFC 5321 section 3.3), relayed live. */
export interface Submission {
  /** Sends recipients upstream in one packet, and returns the replies in the same order. */
  recipients(recipients: readonly Recipient[]): Promise<readonly Reply[]>;
  /** Streams the message and returns the upstream's final reply. Called once, after at least one accepted recipient. */
  data(body: MessageBody): Promise<Reply>;
  /** Aborts the transaction after RSET, EHLO or a disconnect. Does nothing after {@linkcode data}. */
  abort(): void;
}

/** Numbers of connections to the submission server at one moment. */
export interface UpstreamCounts {
  /** In use by a transaction, or being opened. */
  readonly inUse: number;
  /** Signed in and idle. */
  readonly idle: number;
  /** Transactions waiting for a connection of their mailbox. */
  readonly waiting: number;
}

/** The use of one mailbox's slots by a pool. */
export interface SlotUsage {
  /** Slots without a connection. */
  readonly free: number;
  /** Warm connections that nobody uses. */
  readonly idle: number;
  /** Transactions waiting for a slot. */
  readonly waiting: number;
}

/** A pool that opens no more connections of a mailbox than it has slots. */
export interface SlotUser {
  /** Adds one slot. */
  grant(accountId: string): void;
  /**
   * Takes one slot back: a free one, else that of the least recently used idle connection, else that of the next connection
   * that is returned. Resolves when that connection is closed and the upstream has answered QUIT.
   */
  yield(accountId: string): Promise<void>;
  usage(accountId: string): SlotUsage;
}

/** Shares the slots of each mailbox among processes: together they open no more connections than the limit. */
export interface MailboxSlots {
  /** Attaches the pool that gets the slots. @param limit Connections of one mailbox in all processes together. */
  attach(user: SlotUser, limit: number): void;
  /** Asks for a slot because a transaction is waiting for one. */
  want(accountId: string): void;
}

/** Numbers of connections of one mailbox. */
export interface MailboxCounts extends UpstreamCounts {
  readonly accountId: string;
}
