/**
 * Events of the SMTP server, for logs, metrics and the activity page. They hold no secrets, but only the operator may see
 * causes.
 *
 * @module
 */
import type { Account, ClientInfo, SubmissionTarget } from "./backend.ts";
import type { HeaderReport } from "./headers/mod.ts";
import type { LoginFailure, Reply, UpstreamFault } from "./protocol/mod.ts";

/** All outcomes of a transaction. */
export const DELIVERY_OUTCOMES = [
  /** The upstream accepted the message. */
  "accepted",
  /** Refused for good (5yz). */
  "refused",
  /** May work later (4yz); the upstream did not accept it. */
  "deferred",
  /** The upstream had the whole message, but its reply was lost: the client will send it again. */
  "unknown",
  /** The client disconnected before the end of the message; nothing was accepted. */
  "abandoned",
] as const;

/** One of {@linkcode DELIVERY_OUTCOMES}. */
export type DeliveryOutcome = typeof DELIVERY_OUTCOMES[number];

/** The command that decided a transaction: MAIL or RCPT if there was no message. */
export type DeliveryStage = "mail" | "rcpt" | "data";

/** A refused recipient. */
export interface RefusedRecipient {
  readonly forwardPath: string;
  readonly reply: Reply;
}

/** A finished transaction. One without a message is reported only if something was refused. */
export interface Delivery {
  readonly stage: DeliveryStage;
  readonly client: ClientInfo;
  readonly account: Account;
  /** As it goes upstream. */
  readonly reversePath: string;
  /** As the client sent it; absent if it was not rewritten. */
  readonly originalReversePath?: string;
  /** The authors in the header, and how it was changed; absent if the header was not read. */
  readonly header?: HeaderReport;
  /** Accepted forward-paths. */
  readonly recipients: readonly string[];
  readonly refused: readonly RefusedRecipient[];
  /** Octets of the message that were received. */
  readonly octetCount: number;
  /** From MAIL to the final reply. */
  readonly durationMs: number;
  readonly outcome: DeliveryOutcome;
  /** The final reply; absent if the client had disconnected. */
  readonly reply?: Reply;
  readonly cause?: unknown;
}

/** Why a connection was rejected before a session began. */
export type RejectionReason =
  | "too many connections"
  | "plain port, foreign address"
  | "no TLS"
  /** A PROXY header is required, and the peer is no trusted proxy. */
  | "not through a trusted proxy"
  | "bad PROXY header";

/** Something that happened. */
export type SmtpEvent =
  | { readonly type: "connected"; readonly client: ClientInfo; readonly port: number }
  | {
    readonly type: "disconnected";
    readonly client: ClientInfo;
    readonly durationMs: number;
    readonly messageCount: number;
    /** Whether it has sent EHLO or HELO, perhaps without a name. */
    readonly greeted?: boolean;
    /** The last reply, if we ended the connection: a limit, a stop, a revocation. */
    readonly cutOff?: Reply;
    /** Why the connection ended, if the client did not end it. */
    readonly cause?: unknown;
  }
  /** A connection that was rejected before a session began. */
  | {
    readonly type: "rejected";
    readonly address: string;
    readonly reason: RejectionReason;
    readonly cause?: unknown;
  }
  | {
    readonly type: "login";
    readonly client: ClientInfo;
    readonly username: string;
    /** Whether the client's address stood for the login. */
    readonly byAddress?: boolean;
    readonly account?: Account;
    readonly failure?: LoginFailure;
    /** The reply to the failure. */
    readonly reply?: Reply;
    readonly durationMs: number;
    readonly cause?: unknown;
  }
  /** A command was answered with 4yz or 5yz. */
  | {
    readonly type: "command-refused";
    readonly client: ClientInfo;
    readonly reply: Reply;
    readonly cause?: unknown;
  }
  | { readonly type: "delivery"; readonly delivery: Delivery }
  /** The upstream has accepted a sign-in, or refused it for good. */
  | {
    readonly type: "upstream-sign-in";
    readonly account: Account;
    /** Absent: a success. */
    readonly refusal?: Reply;
  }
  | {
    readonly type: "upstream-failure";
    readonly target: SubmissionTarget;
    readonly fault: UpstreamFault;
    readonly cause: unknown;
  }
  | { readonly type: "listener-failure"; readonly address: string; readonly cause: unknown };

/** Receives events. Must not throw and must not take long. */
export type Observer = (event: SmtpEvent) => void;
