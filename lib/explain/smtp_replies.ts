/**
 * Replies of Microsoft's submission servers that need an explanation. Data only; the first row that matches counts.
 *
 * @module
 */
import type { Fixer } from "./explain.ts";

/** One reply and its meaning. `{mailbox}` in `command` stands for the mailbox's address. */
export interface SmtpReplyRow {
  readonly replyCode: number;
  /** The enhanced status code (RFC 3463); absent: any. */
  readonly enhancedCode?: string;
  /** What the text has to contain; absent: anything. */
  readonly text?: RegExp;
  readonly fixer: Fixer;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
  readonly command?: string;
  readonly smtpText: string;
}

const ENABLE_SMTP_AUTH =
  "Set-CASMailbox -Identity {mailbox} -SmtpClientAuthenticationDisabled $false";
const WAIT = "Nothing to do: mail programs try again by themselves.";

export const SMTP_REPLIES: readonly SmtpReplyRow[] = [
  {
    replyCode: 535,
    enhancedCode: "5.7.139",
    text: /SmtpClientAuthentication is disabled for the Tenant/i,
    fixer: "tenant-admin",
    title: "Sending by SMTP is switched off for the whole organisation",
    cause:
      "Microsoft 365 has a switch for SMTP AUTH. When it is off, it blocks modern sign-in (OAuth) as well.",
    remedy:
      "An administrator allows it for this mailbox in Exchange Online PowerShell; it takes up to an hour to work.",
    command: ENABLE_SMTP_AUTH,
    smtpText:
      "Your organisation has switched SMTP AUTH off; ask its administrator to enable it for your mailbox",
  },
  {
    replyCode: 535,
    enhancedCode: "5.7.139",
    text: /SmtpClientAuthentication is disabled for the Mailbox/i,
    fixer: "tenant-admin",
    title: "Sending by SMTP is switched off for this mailbox",
    cause:
      "Microsoft 365 has a switch for SMTP AUTH at each mailbox. When it is off, it blocks modern sign-in (OAuth) as well.",
    remedy:
      "An administrator switches it on in Exchange Online PowerShell; it takes up to an hour to work.",
    command: ENABLE_SMTP_AUTH,
    smtpText: "SMTP AUTH is switched off for your mailbox; ask your administrator to enable it",
  },
  {
    replyCode: 535,
    enhancedCode: "5.7.139",
    text: /basic authentication is disabled/i,
    fixer: "operator",
    title: "Microsoft saw a password instead of a token",
    cause:
      "A sign-in without OAuth reached the submission server. The proxy never does that: something between may.",
    remedy: "Check SMTP_TARGET_HOST: it has to be Microsoft's own server.",
    smtpText: "The submission server refused the proxy's sign-in; ask the proxy's operator",
  },
  {
    replyCode: 535,
    enhancedCode: "5.7.139",
    fixer: "tenant-admin",
    title: "The organisation's rules block this sign-in",
    cause: "Security defaults, a conditional access policy, or the switch for SMTP AUTH.",
    remedy:
      "An administrator allows SMTP AUTH for this mailbox and looks at the sign-in log of Microsoft Entra.",
    command: ENABLE_SMTP_AUTH,
    smtpText: "Your organisation's rules block sending by SMTP; ask its administrator",
  },
  {
    replyCode: 535,
    enhancedCode: "5.7.3",
    fixer: "user",
    title: "Microsoft does not accept the sign-in for this mailbox",
    cause:
      "The token is not good for this mailbox: expired, revoked, or it belongs to somebody else.",
    remedy:
      "Sign in with Microsoft again on the proxy's web page. For a shared mailbox, sign in as yourself and put its address into From.",
    smtpText: "Microsoft did not accept the sign-in; sign in again on the proxy's web page",
  },
  {
    replyCode: 535,
    fixer: "user",
    title: "Microsoft does not accept the sign-in",
    cause: "The submission server refused the token.",
    remedy: "Sign in with Microsoft again on the proxy's web page.",
    smtpText: "Microsoft did not accept the sign-in; sign in again on the proxy's web page",
  },
  {
    replyCode: 530,
    enhancedCode: "5.7.57",
    fixer: "operator",
    title: "The submission server saw no sign-in",
    cause: "The message was sent without a sign-in before it, or SMTP AUTH is switched off.",
    remedy: "Check SMTP_TARGET_HOST: it has to be Microsoft's own server.",
    smtpText: "The submission server saw no sign-in; ask the proxy's operator",
  },
  {
    replyCode: 501,
    enhancedCode: "5.5.127",
    fixer: "nobody",
    title: "The token was about to expire",
    cause: "Microsoft wants a token that lives for some more minutes. The proxy fetches a new one.",
    remedy: WAIT,
    smtpText: "The sign-in is being renewed; try again",
  },
  {
    replyCode: 501,
    enhancedCode: "5.5.4",
    text: /Invalid domain name/i,
    fixer: "operator",
    title: "Microsoft does not accept the proxy's name",
    cause: "The name in the proxy's EHLO is not a valid host name.",
    remedy: "Set SMTP_GREETING_NAME to a full host name.",
    smtpText: "The submission server does not accept the proxy's host name; ask its operator",
  },
  {
    replyCode: 432,
    fixer: "nobody",
    title: "Too many messages at the same time",
    cause: "Microsoft takes three messages of one mailbox at a time.",
    remedy: WAIT,
    smtpText: "Too many messages at the same time; try again shortly",
  },
  {
    replyCode: 430,
    fixer: "nobody",
    title: "Microsoft could not open the mailbox",
    cause: "A passing fault at Microsoft.",
    remedy: WAIT,
    smtpText: "Microsoft could not open the mailbox; try again later",
  },
  {
    replyCode: 421,
    fixer: "nobody",
    title: "The submission server is not available",
    cause: "A passing fault at Microsoft, or a connection that was quiet for too long.",
    remedy: WAIT,
    smtpText: "The submission server is not available; try again later",
  },
  {
    replyCode: 451,
    fixer: "nobody",
    title: "The submission server could not take the message now",
    cause:
      "A passing fault at Microsoft, or a limit on messages per minute (30 for work accounts).",
    remedy: WAIT,
    smtpText: "The submission server could not take the message now; try again later",
  },
  {
    replyCode: 550,
    enhancedCode: "5.7.60",
    fixer: "user",
    title: "The sender is not yours",
    cause:
      "From is neither the mailbox's address, nor an alias of it, nor an address that the mailbox may send as.",
    remedy:
      "Use your own address in From, or ask your administrator for the right to send as the other one.",
    command:
      "Add-RecipientPermission -Identity SHARED_MAILBOX -Trustee {mailbox} -AccessRights SendAs",
    smtpText: "The mailbox may not send as this From address",
  },
  {
    replyCode: 554,
    enhancedCode: "5.2.252",
    fixer: "user",
    title: "The sender is not yours",
    cause:
      "From is neither the mailbox's address, nor an alias of it, nor an address that the mailbox may send as.",
    remedy:
      "Use your own address in From, or ask your administrator for the right to send as the other one.",
    command:
      "Add-RecipientPermission -Identity SHARED_MAILBOX -Trustee {mailbox} -AccessRights SendAs",
    smtpText: "The mailbox may not send as this From address",
  },
  {
    replyCode: 554,
    text: /SendAsDenied/i,
    fixer: "user",
    title: "The sender is not yours",
    cause:
      "From is neither the mailbox's address, nor an alias of it, nor an address that the mailbox may send as.",
    remedy:
      "Use your own address in From, or ask your administrator for the right to send as the other one.",
    command:
      "Add-RecipientPermission -Identity SHARED_MAILBOX -Trustee {mailbox} -AccessRights SendAs",
    smtpText: "The mailbox may not send as this From address",
  },
  {
    replyCode: 554,
    text: /SubmissionQuotaExceeded/i,
    fixer: "nobody",
    title: "The daily limit is reached",
    cause:
      "Microsoft limits the recipients of a mailbox in 24 hours: 10,000 for work accounts, far fewer for personal and new ones.",
    remedy: "Wait until tomorrow, or send less.",
    smtpText: "Microsoft's daily limit for this mailbox is reached",
  },
  {
    replyCode: 554,
    text: /OutboundSpam/i,
    fixer: "user",
    title: "Microsoft blocked the mailbox for spam",
    cause: "Microsoft took messages of this mailbox for spam.",
    remedy:
      "Sign in at outlook.com (personal) or ask your administrator (work: Restricted entities in Microsoft Defender).",
    smtpText: "Microsoft has blocked this mailbox for suspected spam",
  },
  {
    replyCode: 554,
    enhancedCode: "5.2.2",
    fixer: "user",
    title: "The mailbox is full",
    cause: "Microsoft keeps a copy of what you send, and there is no room left.",
    remedy: "Delete something from the mailbox.",
    smtpText: "The mailbox is full",
  },
  {
    replyCode: 552,
    fixer: "user",
    title: "The message is too large",
    cause: "The message is larger than the submission server takes.",
    remedy: "Send less at once, or share the file by a link.",
    smtpText: "The message is too large",
  },
];
