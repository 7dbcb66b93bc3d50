/**
 * Replies of Microsoft's submission servers: their causes and remedies.
 *
 * @module
 */
import type { Reply } from "../../smtp/mod.ts";
import type { AccountKind, Explanation, Wording } from "./explanation.ts";
import { CHECK_TARGET, MAIL_PROGRAMS_RETRY, SIGN_IN_AGAIN } from "./remedies.ts";
import { displayText, toSmtpText } from "./text.ts";

/** The parts of an explanation that a table has. `{mailbox}` in `command` stands for the mailbox's address. */
interface ReplyWording extends Wording {
  readonly command?: string;
  /** Default: the title. */
  readonly smtpText?: string;
}

/** Replies with one meaning. */
export interface SmtpReplyRow extends ReplyWording {
  /** Reply codes, each with its enhanced status code (RFC 3463) where only that one is meant. */
  readonly replies: readonly string[];
  /** The text has to match as well; absent: any text. */
  readonly text?: RegExp;
  /** Other words for the owner of a personal account, who has no administrator. */
  readonly personal?: ReplyWording;
  /** Other words for an app-only mailbox, which nobody signs in to. */
  readonly mailbox?: ReplyWording;
}

const ENABLE_SMTP_AUTH =
  "Set-CASMailbox -Identity {mailbox} -SmtpClientAuthenticationDisabled $false";

/** Outlook.com has the same switches as Exchange, but only Microsoft moves them. */
const PERSONAL_SMTP_OFF: ReplyWording = {
  title: "Microsoft does not let this mailbox send by SMTP",
  cause:
    "Outlook.com has switched SMTP off for this mailbox. That happens to new accounts, and after unusual activity.",
  fixer: "user",
  remedy:
    "Sign in at outlook.com and follow what it asks for, then allow devices and apps under Settings, Mail, Forwarding and IMAP. It may take an hour to work.",
  smtpText:
    "Microsoft has switched SMTP off for this mailbox; sign in at outlook.com and follow what it asks for",
};
/** An application that Exchange Online does not know, or does not let in. */
const APPLICATION_NOT_LET_IN: ReplyWording = {
  title: "Microsoft does not let the app registration into this mailbox",
  cause:
    "Exchange Online does not know the application, knows it by a wrong object ID (that of the app registration instead of the enterprise application), gives it no right on the mailbox, or does not know the mailbox. Rights that were given less than an hour ago may not have spread yet.",
  fixer: "tenant-admin",
  remedy:
    "An administrator runs the lines for Exchange Online PowerShell that the command “mailbox check” prints, then waits up to an hour.",
  command:
    "Add-MailboxPermission -Identity {mailbox} -User (Get-ServicePrincipal -Identity APPLICATION_ID).Identity -AccessRights FullAccess",
  smtpText:
    "Microsoft does not let the proxy's app registration into this mailbox; ask the administrator",
};
const MAILBOX_NOT_OPENED: ReplyWording = {
  ...APPLICATION_NOT_LET_IN,
  title: "The app registration has no right on this mailbox",
  cause:
    "Microsoft could not open the mailbox for the application: it has no right on it, or the right was given less than an hour ago and has not spread yet. Rarely it is a temporary fault at Microsoft.",
};
const PERSONAL_BLOCKED: ReplyWording = {
  title: "Microsoft has blocked the mailbox",
  cause: "Microsoft took messages of this mailbox for spam, or saw unusual activity.",
  fixer: "user",
  remedy: "Sign in at outlook.com and follow what it asks for, such as a phone number.",
  smtpText:
    "Microsoft has blocked this mailbox; sign in at outlook.com and follow what it asks for",
};
const DAILY_LIMIT: ReplyWording = {
  title: "The daily limit is reached",
  cause:
    "Microsoft limits the recipients of a mailbox in 24 hours: 10,000 for work accounts, far fewer for personal and new ones.",
  fixer: "nobody",
  remedy: "Wait until tomorrow, then send the message again. Or send less.",
  smtpText: "Microsoft's daily limit for this mailbox is reached",
};
const SENDER_NOT_YOURS: ReplyWording & Pick<SmtpReplyRow, "personal" | "mailbox"> = {
  fixer: "user",
  title: "The sender is not yours",
  cause:
    "From is neither the mailbox's address, nor an alias of it, nor an address that the mailbox may send as.",
  remedy:
    "Use your own address in From. For a device that cannot, create an app password that always sends as the mailbox. Or ask your administrator for the right to send as the other one.",
  command:
    "Add-RecipientPermission -Identity SHARED_MAILBOX -Trustee {mailbox} -AccessRights SendAs",
  smtpText: "The mailbox may not send as this From address",
  personal: {
    fixer: "user",
    title: "The sender is not yours",
    cause: "From is neither the mailbox's address nor an alias of it.",
    remedy:
      "Use your own address in From. For a device that cannot, create an app password that always sends as the mailbox. Or add the other one as an alias at account.microsoft.com.",
    smtpText: "The mailbox may not send as this From address",
  },
  mailbox: {
    fixer: "tenant-admin",
    title: "The mailbox may not send as this sender",
    cause:
      "From is neither the mailbox's address, nor an alias of it, nor an address that the application may send as.",
    remedy:
      "Let the device's app password always send as the mailbox, or have an administrator give the right to send as the other address.",
    command:
      "Add-RecipientPermission -Identity SENDER -Trustee (Get-ServicePrincipal -Identity APPLICATION_ID).Identity -AccessRights SendAs",
    smtpText: "The mailbox may not send as this From address",
  },
};

const PASSWORD_SEEN = {
  fixer: "operator",
  title: "Microsoft saw a password instead of a token",
  remedy: CHECK_TARGET,
  smtpText: "The submission server refused the proxy's sign-in; ask the proxy's operator",
} as const;

/** The first row that matches counts. */
export const SMTP_REPLIES: readonly SmtpReplyRow[] = [
  {
    replies: ["535 5.7.139"],
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
    personal: PERSONAL_SMTP_OFF,
  },
  {
    replies: ["535 5.7.139"],
    text: /SmtpClientAuthentication is disabled for the Mailbox/i,
    fixer: "tenant-admin",
    title: "Sending by SMTP is switched off for this mailbox",
    cause:
      "Microsoft 365 has a switch for SMTP AUTH at each mailbox. When it is off, it blocks modern sign-in (OAuth) as well.",
    remedy:
      "An administrator switches it on in Exchange Online PowerShell; it takes up to an hour to work.",
    command: ENABLE_SMTP_AUTH,
    smtpText: "SMTP AUTH is switched off for your mailbox; ask your administrator to enable it",
    personal: PERSONAL_SMTP_OFF,
  },
  {
    replies: ["535 5.7.139"],
    text: /basic authentication is disabled/i,
    ...PASSWORD_SEEN,
    cause:
      "A sign-in without OAuth reached the submission server. The proxy never does that: something between may.",
  },
  {
    replies: ["550 5.7.30"],
    ...PASSWORD_SEEN,
    cause:
      "Microsoft no longer accepts passwords for SMTP. The proxy never sends one: something between it and Microsoft may.",
  },
  {
    replies: ["535 5.7.139"],
    fixer: "tenant-admin",
    title: "The organisation's rules block this sign-in",
    cause: "Security defaults, a conditional access policy, or the switch for SMTP AUTH.",
    remedy:
      "An administrator allows SMTP AUTH for this mailbox and looks at the sign-in log of Microsoft Entra.",
    command: ENABLE_SMTP_AUTH,
    smtpText: "Your organisation's rules block sending by SMTP; ask its administrator",
    personal: PERSONAL_SMTP_OFF,
  },
  {
    replies: ["535 5.7.3"],
    fixer: "user",
    title: "Microsoft does not accept the sign-in for this mailbox",
    cause:
      "The token is not valid for this mailbox: it has expired, was revoked, or belongs to somebody else.",
    remedy:
      `${SIGN_IN_AGAIN} For a shared mailbox, sign in as yourself and put its address into From.`,
    smtpText: "Microsoft did not accept the sign-in; sign in again on the proxy's web page",
    mailbox: APPLICATION_NOT_LET_IN,
  },
  {
    replies: ["535"],
    fixer: "user",
    title: "Microsoft does not accept the sign-in",
    cause: "The submission server refused the token.",
    remedy: SIGN_IN_AGAIN,
    smtpText: "Microsoft did not accept the sign-in; sign in again on the proxy's web page",
    mailbox: APPLICATION_NOT_LET_IN,
  },
  {
    replies: ["501 5.5.124"],
    fixer: "operator",
    title: "Microsoft could not read the proxy's sign-in",
    cause: "The submission server found the data of XOAUTH2 not valid.",
    remedy: `${CHECK_TARGET} If it is, report it to the proxy's developers.`,
    smtpText: "The submission server could not read the proxy's sign-in; ask the proxy's operator",
  },
  {
    replies: ["504 5.7.4"],
    fixer: "operator",
    title: "The submission server does not offer modern sign-in",
    cause: "The server does not know XOAUTH2, the way to sign in with a token.",
    remedy: CHECK_TARGET,
    smtpText: "The submission server does not offer modern sign-in; ask the proxy's operator",
  },
  {
    replies: ["530 5.7.57"],
    fixer: "operator",
    title: "The submission server saw no sign-in",
    cause: "The message was sent without a sign-in before it, or SMTP AUTH is switched off.",
    remedy: CHECK_TARGET,
    smtpText: "The submission server saw no sign-in; ask the proxy's operator",
  },
  {
    replies: ["501 5.5.127"],
    fixer: "nobody",
    title: "The token was about to expire",
    cause:
      "Microsoft wants a token that is valid for some more minutes. The proxy fetches a new one.",
    remedy: MAIL_PROGRAMS_RETRY,
    smtpText: "The sign-in is being renewed; try again",
  },
  {
    replies: ["501 5.5.4"],
    text: /Invalid domain name/i,
    fixer: "operator",
    title: "Microsoft does not accept the proxy's name",
    cause: "The name in the proxy's EHLO is not a valid host name.",
    remedy: "Set SMTP_GREETING_NAME to a full host name.",
    smtpText: "The submission server does not accept the proxy's host name; ask its operator",
  },
  {
    replies: ["432"],
    fixer: "nobody",
    title: "Too many messages at the same time",
    cause: "Microsoft accepts three messages of one mailbox at a time.",
    remedy: MAIL_PROGRAMS_RETRY,
    smtpText: "Too many messages at the same time; try again shortly",
  },
  {
    replies: ["430"],
    fixer: "nobody",
    title: "Microsoft could not open the mailbox",
    cause:
      "A temporary fault at Microsoft. If it lasts, the account has no rights on the mailbox, or there is no mailbox.",
    remedy: MAIL_PROGRAMS_RETRY,
    smtpText: "Microsoft could not open the mailbox; try again later",
    mailbox: MAILBOX_NOT_OPENED,
  },
  {
    // A 421 inside a transaction reaches the client as 451.
    replies: ["421", "451"],
    text: /submission rate/i,
    fixer: "nobody",
    title: "Too many messages in a minute",
    cause: "Microsoft limits the messages of a mailbox in a minute: to 30 for work accounts.",
    remedy: MAIL_PROGRAMS_RETRY,
    smtpText: "Too many messages in a minute; try again shortly",
  },
  {
    replies: ["421", "451 4.3.2", "451 4.4.1", "451 4.4.2"],
    fixer: "nobody",
    title: "The submission server is not available",
    cause: "A temporary fault at Microsoft, or a connection that was quiet for too long.",
    remedy: MAIL_PROGRAMS_RETRY,
    smtpText: "The submission server is not available; try again later",
  },
  {
    replies: ["451", "452 4.3.1", "452 4.3.111"],
    fixer: "nobody",
    title: "The submission server could not take the message now",
    cause:
      "A temporary fault at Microsoft, or a limit on messages per minute (30 for work accounts).",
    remedy: MAIL_PROGRAMS_RETRY,
    smtpText: "The submission server could not take the message now; try again later",
  },
  {
    replies: ["550 5.2.252"],
    fixer: "user",
    title: "Microsoft has stopped the mailbox, since too many messages had a wrong sender",
    cause: "A device or program goes on sending with a From address that the mailbox may not use.",
    remedy:
      "Find it on the activity page, and let it use the mailbox's own address, or create an app password for it that always sends as the mailbox. Then wait: Microsoft ends the block by itself.",
    smtpText:
      "Microsoft has stopped this mailbox for a while: too many messages had a wrong sender",
  },
  { replies: ["550 5.7.60", "554 5.2.252"], ...SENDER_NOT_YOURS },
  { replies: ["554"], text: /SendAsDenied/i, ...SENDER_NOT_YOURS },
  {
    replies: ["550 5.1.8", "550 5.7.501"],
    fixer: "tenant-admin",
    title: "Microsoft has blocked the mailbox for spam",
    cause:
      "Microsoft took messages of this mailbox for spam, or believes that the account was stolen.",
    remedy:
      "An administrator makes the account safe, then unblocks it under Restricted entities in Microsoft Defender.",
    smtpText: "Microsoft has blocked this mailbox for suspected spam; ask your administrator",
    personal: PERSONAL_BLOCKED,
  },
  {
    replies: ["550 5.7.705"],
    fixer: "tenant-admin",
    title: "Microsoft has blocked the whole organisation",
    cause: "Too much of what the organisation sends looks like spam.",
    remedy:
      "An administrator finds the accounts that send it, then asks Microsoft's support to lift the block.",
    smtpText: "Microsoft has blocked your organisation for suspected spam; ask its administrator",
    personal: PERSONAL_BLOCKED,
  },
  {
    replies: ["550 5.7.708"],
    fixer: "tenant-admin",
    title: "Microsoft does not trust the organisation yet",
    cause:
      "Microsoft accepts no messages of a new or a trial organisation from this network address, or from any.",
    remedy: "An administrator asks Microsoft's support to lift the block, or buys a licence.",
    smtpText: "Microsoft does not take messages of your organisation yet; ask its administrator",
    personal: PERSONAL_BLOCKED,
  },
  {
    replies: ["550 5.7.232", "550 5.7.233", "550 5.7.236"],
    fixer: "tenant-admin",
    title: "The daily limit of the organisation is reached",
    cause:
      "Microsoft limits the recipients outside of an organisation in 24 hours: to fewer for a trial, and to very few for senders at onmicrosoft.com.",
    remedy:
      "Wait until tomorrow, then send the message again. An administrator finds the limit in the Exchange admin center under Reports, Mail flow.",
    smtpText: "Microsoft's daily limit for your organisation is reached; try again tomorrow",
    personal: DAILY_LIMIT,
  },
  {
    replies: ["554 5.2.2"],
    // Its text names a quota as well.
    fixer: "user",
    title: "The mailbox is full",
    cause: "Microsoft keeps a copy of what you send, and there is no room left.",
    remedy: "Delete something from the mailbox, then send the message again.",
  },
  { replies: ["550 5.1.90"], ...DAILY_LIMIT },
  { replies: ["554"], text: /(Submission|Message|Quota)\w*Exceeded/i, ...DAILY_LIMIT },
  {
    replies: ["554"],
    text: /OutboundSpam/i,
    fixer: "tenant-admin",
    title: "Microsoft has blocked the mailbox for spam",
    cause: "Microsoft took messages of this mailbox for spam.",
    remedy: "An administrator unblocks it under Restricted entities in Microsoft Defender.",
    smtpText: "Microsoft has blocked this mailbox for suspected spam",
    personal: PERSONAL_BLOCKED,
  },
  {
    replies: ["552"],
    fixer: "user",
    title: "The message is too large",
    cause: "The message is larger than the submission server accepts.",
    remedy: "Send less at once, or share the file by a link.",
  },
];

const ENHANCED_CODE = /^\s*([245]\.\d{1,3}\.\d{1,3})\b/;

/**
 * Explains a reply of the submission server.
 *
 * @param reply The reply, or its text: `535 5.7.139 Authentication unsuccessful, …`.
 * @param mailbox Put into the administrator's command.
 * @param kind Of the account, where it is known.
 * @returns `undefined` for a reply that is no error (2yz, 3yz).
 */
export function explainReply(
  reply: Reply | string,
  mailbox?: string,
  kind?: AccountKind,
): Explanation | undefined {
  const said = String(reply);
  const [replyCode, text] = [Number(said.slice(0, 3)), said.slice(4)];
  if (replyCode < 400) return undefined;
  const enhancedCode = ENHANCED_CODE.exec(text)?.[1];
  const code = enhancedCode ? `${replyCode} ${enhancedCode}` : `${replyCode}`;
  const row = SMTP_REPLIES.find((row) =>
    row.replies.some((reply) => reply === code || reply === `${replyCode}`) &&
    (row.text?.test(text) ?? true)
  );
  if (!row) return unknownReply(code, replyCode, text);
  const { title, cause, fixer, remedy, ...words } = wordingFor(row, kind);
  const { smtpText = title } = words;
  const command = words.command && fillIn(words.command, mailbox);
  return { code, title, cause, fixer, remedy, smtpText, known: true, ...(command && { command }) };
}

function wordingFor(row: SmtpReplyRow, kind: AccountKind | undefined): ReplyWording {
  return kind !== undefined && kind !== "work" && row[kind] || row;
}

/** Returns the reply text for a mail client whose account the submission server refuses. */
export function refusalText(reply: Reply, kind?: AccountKind): string {
  return explainReply(reply, undefined, kind)?.smtpText ?? reply.text;
}

function unknownReply(code: string, replyCode: number, text: string): Explanation {
  const temporary = replyCode < 500;
  return {
    code,
    title: temporary ? "Microsoft could not take the message now" : "Microsoft refused the message",
    cause: displayText(text) || "Microsoft gave no reason.",
    fixer: temporary ? "nobody" : "user",
    remedy: temporary ? MAIL_PROGRAMS_RETRY : `Search Microsoft's documentation for ${code}.`,
    smtpText: toSmtpText(text.replace(ENHANCED_CODE, "")) || `Microsoft replied ${code}`,
    known: false,
  };
}

/** A mailbox with characters that mean something to PowerShell is not put into a command that people paste. */
function fillIn(command: string, mailbox: string | undefined): string {
  const safe = mailbox !== undefined && /^[\w.+@-]+$/.test(mailbox) && !mailbox.startsWith("-");
  return command.replace("{mailbox}", safe ? mailbox : "MAILBOX");
}
