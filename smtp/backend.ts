/**
 * The ports of the SMTP server: what it needs from the outside, and nothing else. Read this file first.
 *
 * A client logs in ({@linkcode Backend.login}), which asks an {@linkcode Authenticator} whose app password it is and a
 * {@linkcode TokenSource} for that account's access token. The {@linkcode Login} opens one {@linkcode Submission} for
 * each mail transaction, and that one answers with the upstream's own replies.
 *
 * @module
 */
import type { MessageBody } from "./body.ts";
import type { Mail, Recipient } from "./command.ts";
import type { Reply } from "./reply.ts";

export { canonicalAddress, clientNetwork, formatAddress } from "./address.ts";
export { type AddressMatcher, addressMatcher } from "./address_matcher.ts";
export type { Reply } from "./reply.ts";
export type { ServerLimits } from "./census.ts";
export type { SessionLimits } from "./limits.ts";
export type { PoolLimits } from "./pool.ts";
export type { Delivery, DeliveryOutcome, Observer, SmtpEvent } from "./events.ts";

/** What a client's SASL exchange gave (RFC 4954): both as sent, at most 255 octets each, no control characters. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Who is at the other end of a client's connection. */
export interface ClientInfo {
  /** Identifies the connection in every log line that belongs to it. */
  readonly sessionId: string;
  /** IPv4 or IPv6 address, without brackets or port. */
  readonly address: string;
  /** Whether the client's octets are protected by TLS. */
  readonly secure: boolean;
  /** The argument of EHLO or HELO, as the client gave it: for display, never for a decision. */
  readonly helo: string;
}

/** Where an account's messages are submitted. */
export interface SubmissionTarget {
  /** DNS name; it is also the name that the certificate has to show. */
  readonly host: string;
  readonly port: number;
  /** `starttls`: plain first, then upgraded (RFC 3207); `implicit`: TLS from the first octet (RFC 8314). */
  readonly tls: "starttls" | "implicit";
}

/** A mailbox whose owner has signed in, as found by the app password. */
export interface Account {
  /** Key of the account: opaque, never changes. */
  readonly id: string;
  /** The mailbox's address: the `user` of XOAUTH2. It comes from the database, never from the client. */
  readonly mailbox: string;
  readonly target: SubmissionTarget;
  /** The app password that was used; opaque. */
  readonly appPasswordId: string;
  /** The reverse-paths this app password may use: an address, or a pattern with `*`. Absent: any. */
  readonly allowedSender?: string;
}

/** Finds the account to which credentials belong. */
export interface Authenticator {
  /** @throws {LoginError} `invalid`, `sign-in-required`, `throttled` or `temporary`; of `invalid`, all look the same. */
  authenticate(credentials: Credentials, client: ClientInfo): Promise<Account>;
}

/** Gives access tokens for the submission server. */
export interface TokenSource {
  /**
   * An access token that is good for at least another minute.
   *
   * @param rejected A token that the upstream has just refused: another one is fetched unless that has already happened.
   * @param patienceMs The longest wait, if a token has to be fetched first. Default: 5 seconds.
   * @throws {LoginError} `sign-in-required` or `temporary`.
   */
  accessToken(account: Account, rejected?: string, patienceMs?: number): Promise<string>;
}

/** What the session asks when a client logs in. */
export interface Backend {
  /** @throws {LoginError} when the account cannot send now. */
  login(credentials: Credentials, client: ClientInfo): Promise<Login>;
}

/** A client that has proven to be an account's owner. */
export interface Login {
  readonly account: Account;
  /** Starts a mail transaction. Nothing goes upstream before its first recipient. */
  open(mail: Mail): Submission;
}

/** One mail transaction (RFC 5321 section 3.3), relayed live. */
export interface Submission {
  /**
   * Passes recipients on and returns the upstream's answer to each, in order. Those that the client pipelined travel
   * together.
   */
  recipients(recipients: readonly Recipient[]): Promise<readonly Reply[]>;
  /** Streams the message and returns the upstream's final reply. Called once, after at least one accepted recipient. */
  data(body: MessageBody): Promise<Reply>;
  /** Gives the transaction up: RSET, a new EHLO, or a client that went away. Does nothing after {@linkcode data}. */
  abort(): void;
}

/** The connections to the submission server, at one moment. */
export interface UpstreamCounts {
  /** Lent to a transaction, or being opened. */
  readonly inUse: number;
  /** Warm, waiting for work. */
  readonly idle: number;
  /** Transactions that wait for a connection of their mailbox. */
  readonly waiting: number;
}

/** Why a login failed; it decides the reply. Temporary and permanent stay apart to the end. */
export type LoginFailure =
  /** No such user, wrong or revoked password: 535 5.7.8, the same for all. */
  | "invalid"
  /** The password is right, but the person has to sign in with Microsoft again: 535 5.7.8 with that text. */
  | "sign-in-required"
  /** The password is right, but the upstream refuses the account for good: 535 5.7.8 with that text. */
  | "refused"
  /** Heals by itself: 454 4.7.0. */
  | "temporary"
  /** Too many failures from there: 454 4.7.0. */
  | "throttled";

/** A login that failed, with a public text for the client and a private cause for the log. */
export class LoginError extends Error {
  override readonly name = "LoginError";

  /**
   * @param failure Decides the reply code.
   * @param publicText Shown to the client: says what to do, and nothing about whether a user exists.
   * @param options `cause`: for the log alone.
   */
  constructor(readonly failure: LoginFailure, readonly publicText: string, options?: ErrorOptions) {
    super(publicText, options);
  }
}
