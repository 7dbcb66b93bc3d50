/**
 * All refusals of Microsoft's submission servers that the simulation knows.
 *
 * @module
 */
import type { SubmissionStage } from "./stages.ts";

/** A refusal of the submission server. */
export interface SubmissionTrouble {
  readonly service: "submission";
  /** Its name on the panel. */
  readonly name: string;
  /** The real-world cause, in one sentence. */
  readonly meaning: string;
  /** The steps at which Microsoft gives it. The first is the default. */
  readonly stages: readonly SubmissionStage[];
  /**
   * The whole reply. `{trace}` becomes host, time and id as Microsoft adds them, `{host}` the host alone, `{mailbox}` and
   * `{sender}` the addresses.
   */
  readonly reply: string;
  /** Whether own senders pass. */
  readonly foreignSendersOnly?: boolean;
}

type Row = readonly [
  name: string,
  stages: readonly SubmissionStage[],
  reply: string,
  meaning: string,
  more?: { readonly foreignSendersOnly: boolean },
];

const AUTH: readonly SubmissionStage[] = ["auth"];
const MAIL: readonly SubmissionStage[] = ["mail"];
const MESSAGE: readonly SubmissionStage[] = ["message"];
const ANY_STEP: readonly SubmissionStage[] = ["auth", "mail", "message"];

/** The beginning of permanent refusals of Microsoft's mailbox servers. */
const PERMANENT = "Failed to process message due to a permanent exception with message";
const SUBMISSION = "STOREDRV.Submission.Exception:";
const DIAGNOSTICS = "0.35250:0A001A83, 1.36674:0A000000, 1.61250:00000000, 1.45378:02000000";
const MORE = "For more information please go to http://go.microsoft.com/fwlink/?LinkId=526653";

/** The refusals by id, with the texts that users of the real servers have reported. */
const ROWS = {
  "smtp-auth-off-mailbox": [
    "SMTP AUTH off for the mailbox",
    AUTH,
    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information. {trace}",
    "Sending by SMTP is not allowed for this mailbox, which blocks modern sign-in as well; for a work account its administrator allows it.",
  ],
  "smtp-auth-off-tenant": [
    "SMTP AUTH off for the organisation",
    AUTH,
    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. {trace}",
    "The organisation has switched SMTP off for everybody, which is the default for new ones.",
  ],
  "security-defaults": [
    "Security defaults",
    AUTH,
    "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator. {trace}",
    "The organisation's security defaults block SMTP.",
  ],
  "conditional-access": [
    "Conditional Access at SMTP",
    AUTH,
    "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator. {trace}",
    "A Conditional Access policy of the organisation blocks SMTP.",
  ],
  "basic-auth-off": [
    "Passwords off",
    AUTH,
    "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. {trace}",
    "The server saw a password where it wants a token.",
  ],
  "basic-auth-gone": [
    "Passwords gone for good",
    AUTH,
    "550 5.7.30 Basic authentication is not supported for Client Submission. {trace}",
    "The server saw a password, and takes none since Microsoft has switched them off.",
  ],
  "token-refused": [
    "Token refused",
    AUTH,
    "535 5.7.3 Authentication unsuccessful {trace}",
    "The token is expired, made for something else, or belongs to another mailbox.",
  ],
  "token-ends-soon": [
    "Token about to expire",
    AUTH,
    "501 5.5.127 Invalid XOAUTH2 auth data - Token will expire soon",
    "The token has only minutes left, and the server wants a new one.",
  ],
  "sign-in-malformed": [
    "Sign-in data malformed",
    AUTH,
    "501 5.5.124 Invalid XOAUTH2 auth data",
    "Something between the program and Microsoft has changed the sign-in data.",
  ],
  "mechanism-refused": [
    "Mechanism refused",
    AUTH,
    "504 5.7.4 Unrecognized authentication type {trace}",
    "The server does not offer this way to sign in.",
  ],
  "account-blocked": [
    "Mailbox blocked for spam",
    ["message", "auth"],
    "550 5.1.8 Access denied, bad outbound sender AS(42004) {trace}",
    "Microsoft took messages of this mailbox for spam and lets it send no more until it is unblocked.",
  ],
  "recipient-limit": [
    "Daily recipients used up",
    MESSAGE,
    "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients {trace}",
    "The mailbox has written to as many people today as it may.",
  ],
  "spam-source": [
    "Spam detected from this address range",
    MESSAGE,
    `550 5.7.501 Service unavailable. Spam abuse detected from IP range. ${MORE}. S(2017052602) {trace}`,
    "Microsoft holds the organisation's mail for spam.",
  ],
  "tenant-blocked": [
    "Organisation blocked for spam",
    MESSAGE,
    "550 5.7.705 Access denied, tenant has exceeded threshold {trace}",
    "Too much mail of the organisation looked like spam: nobody there can send.",
  ],
  "tenant-restricted": [
    "Organisation too new",
    MESSAGE,
    `550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP. ${MORE} AS(7230) {trace}`,
    "A new or trial organisation has no good name yet, and may not send to strangers.",
  ],
  "trial-limit": [
    "Limit of a trial organisation",
    MESSAGE,
    "550 5.7.232 Your message can't be sent because your trial tenant has exceeded its daily limit for sending email to external recipients (tenant external recipient rate limit) {trace}",
    "A trial organisation has written to as many strangers today as it may.",
  ],
  "tenant-limit": [
    "Limit of the organisation",
    MESSAGE,
    "550 5.7.233 Your message can't be sent because your tenant has exceeded its daily limit for sending email to external recipients (tenant external recipient rate limit) {trace}",
    "The organisation has written to as many strangers today as its licences allow.",
  ],
  "onmicrosoft-limit": [
    "Limit of the onmicrosoft.com domain",
    MESSAGE,
    "550 5.7.236 Your message can't be sent because your tenant's default domain has exceeded its daily limit for sending email to external recipients {trace}",
    "The sender has the domain that Microsoft gives away, which may write to 100 strangers a day.",
  ],
  "message-limit": [
    "Message limit reached",
    MESSAGE,
    `554 5.2.0 ${SUBMISSION}MessageSubmissionExceededException; ${PERMANENT} The message can't be submitted because the sender's submission quota was exceeded. [Hostname={host}]`,
    "The mailbox has sent as many messages as it may for now.",
  ],
  "submission-quota": [
    "Daily limit reached",
    MESSAGE,
    `554 5.2.0 ${SUBMISSION}SubmissionQuotaExceededException; ${PERMANENT} The message can't be submitted because the sender's submission quota was exceeded. [Hostname={host}]`,
    "The mailbox has reached 10,000 recipients in 24 hours; personal and new ones far fewer.",
  ],
  "outbound-spam": [
    "Message taken for spam",
    MESSAGE,
    `554 5.2.0 ${SUBMISSION}OutboundSpamException; ${PERMANENT} [BeginDiagnosticData]WASCL UserAction verdict is not None. Actual verdict is RefuseQuota, Suspend. OutboundSpamException: WASCL UserAction verdict is not None.[EndDiagnosticData] [Hostname={host}]`,
    "Microsoft takes a personal account for a spammer's: the owner has to confirm it on the web.",
  ],
  "mailbox-full": [
    "Mailbox full",
    MESSAGE,
    `554 5.2.2 mailbox full; ${SUBMISSION}QuotaExceededException.MapiExceptionShutoffQuotaExceeded; ${PERMANENT} [BeginDiagnosticData]Cannot save changes made to an item to store. ${DIAGNOSTICS}[EndDiagnosticData] [Hostname={host}]`,
    "Each sent message is kept under Sent Items, and there is no room for it.",
  ],
  "sender-not-allowed": [
    "Sender not allowed",
    MESSAGE,
    `554 5.2.252 SendAsDenied; {mailbox} not allowed to send as {sender}; ${SUBMISSION}SendAsDeniedException.MapiExceptionSendAsDenied; ${PERMANENT} [BeginDiagnosticData]Cannot submit message. ${DIAGNOSTICS}[EndDiagnosticData] [Hostname={host}]`,
    "From is not an address that the mailbox may send as.",
  ],
  "sender-not-allowed-personal": [
    "Sender not allowed, personal account",
    MESSAGE,
    `554 5.2.0 ${SUBMISSION}SendAsDeniedException.MapiExceptionSendAsDenied; ${PERMANENT} Cannot submit message. ${DIAGNOSTICS} [Hostname={host}]`,
    "The same, in the words that personal accounts get.",
  ],
  "sender-not-allowed-at-mail": [
    "Sender refused at once",
    MAIL,
    "550 5.7.60 SMTP; Client does not have permissions to send as this sender {trace}",
    "Some organisations have the sender checked already at MAIL.",
    { foreignSendersOnly: true },
  ],
  "sender-throttled": [
    "Too many wrong senders",
    MESSAGE,
    "550 5.2.252 Sender throttled due to continuous send as denied errors. [Hostname={host}]",
    "A device went on with a sender that is not allowed, and Microsoft stops the mailbox for a while.",
  ],
  "not-authenticated": [
    "Sign-in forgotten",
    MAIL,
    "530 5.7.57 Client not authenticated to send mail. {trace}",
    "The server has lost the sign-in of this connection, or the sign-in is not complete.",
  ],
  "too-many-connections": [
    "Throttled",
    ANY_STEP,
    "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. [Hostname={host}]",
    "More than three messages of the mailbox were under way at the same time.",
  ],
  "sender-threads": [
    "Throttled by the mailbox server",
    MESSAGE,
    "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded [Hostname={host}]",
    "The mailbox sends too much at the same time.",
  ],
  "mailbox-logon": [
    "Mailbox cannot be opened",
    ["message", "auth", "mail"],
    `430 4.2.0 STOREDRV; mailbox logon failure; ${SUBMISSION}ConnectionFailedTransientException.MapiExceptionLogonFailed; Failed to process message due to a transient exception with message [BeginDiagnosticData]Cannot open mailbox. Server = {host} ${DIAGNOSTICS}[EndDiagnosticData] [Hostname={host}]`,
    "An application has no rights on the mailbox, or they have not spread yet.",
  ],
  "proxy-busy": [
    "Server busy inside",
    ["mail", "message", "auth"],
    "451 4.7.0 Temporary server error. Please try again later. PRX2 {trace}",
    "Microsoft's front server does not reach the mailbox server.",
  ],
  "resources-low": [
    "Server short of resources",
    MESSAGE,
    "452 4.3.111 Insufficient system resources [Hostname={host}]",
    "Microsoft's server is overloaded.",
  ],
  "service-not-active": [
    "Service not active",
    ["mail", "connect", "auth", "message"],
    "421 4.3.2 Service not active {trace}",
    "Microsoft's server is being shut down or updated.",
  ],
  "session-timed-out": [
    "Connection timed out",
    ["mail", "auth", "message"],
    "421 4.4.1 Connection timed out {trace}",
    "The session lasted too long, and Microsoft's server closes it.",
  ],
  "rate-exceeded": [
    "More than 30 messages a minute",
    ["mail", "message"],
    "421 4.4.2 Message submission rate for this client has exceeded the configured limit {trace}",
    "The mailbox sent faster than it may.",
  ],
} as const satisfies Record<string, Row>;

/** Names a refusal. */
export type SubmissionTroubleId = keyof typeof ROWS;

/** All refusals by their id. */
export const SUBMISSION_TROUBLES = Object.fromEntries(
  Object.entries<Row>(ROWS).map(([id, [name, stages, reply, meaning, more]]) => [
    id,
    { service: "submission", name, meaning, stages, reply, ...more },
  ]),
) as Record<SubmissionTroubleId, SubmissionTrouble>;
