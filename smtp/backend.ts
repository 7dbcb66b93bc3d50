/**
 * The ports of the SMTP server: what it needs from the outside, and nothing else. Read this file first.
 *
 * A client logs in ({@linkcode Backend.login}), which asks an {@linkcode Authenticator} whose app password it is and a
 * {@linkcode TokenSource} for that account's access token. The {@linkcode Login} opens one {@linkcode Submission} for
 * each mail transaction, and that one answers with the upstream's own replies.
 *
 * @module
 */
import type { Credentials, Mail, Recipient, Reply } from "./protocol/mod.ts";

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
  /** The mailbox's address: the sender, for display. */
  readonly mailbox: string;
  /** The `user` of XOAUTH2, which may differ from the address. It comes from the database, never from the client. */
  readonly signInName: string;
  /** Another name for the mailbox, to be tried once after 535 5.7.3: the sign-in name is not confirmed. */
  readonly otherName?: string;
  readonly target: SubmissionTarget;
  /** The app password that was used; opaque. */
  readonly appPasswordId: string;
  /** The senders this app password may use, in MAIL FROM and in the header: an address, or a pattern with `*`. Absent: any. */
  readonly allowedSender?: string;
  /** Whether MAIL FROM and the From header become the mailbox's address, whatever the client says. */
  readonly forcedSender?: boolean;
  /** Whether the upstream refused its last sign-in, as far as the database knows: for observers. */
  readonly refused?: boolean;
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
  /** @throws {SmtpError} when the account cannot send now. */
  login(credentials: Credentials, client: ClientInfo): Promise<Login>;
}

/** A client that has proven to be an account's owner. */
export interface Login {
  readonly account: Account;
  /** Starts a mail transaction. Nothing goes upstream before its first recipient. */
  open(mail: Mail): Submission;
}

/**
 * How the octets are wanted: `plain` for BDAT (RFC 3030), `stuffed` for DATA, where a dot that begins a line is doubled
 * (RFC 5321 section 4.5.2).
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
  /**
   * The next piece. Every call asks for the same form; none is made after the last piece.
   *
   * @throws {SmtpError} when the message must not be accepted.
   * @throws {ClientGoneError} when the client left before the end.
   */
  next(form: BodyForm): BodyChunk | Promise<BodyChunk>;
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
