/**
 * Lines for Exchange Online PowerShell that let an app registration send for mailboxes.
 *
 * @module
 */
import { PROGRAM } from "../base/mod.ts";
import { powershellLiteral } from "./quote.ts";

/** The application that is to send. */
export interface ExchangeApplication {
  readonly clientId: string;
  /** The object id of the enterprise application, not of the app registration. Absent: not known. */
  readonly servicePrincipalId?: string;
}

/**
 * Something that has to be set at Exchange Online: the application is made known, it may open the mailbox, the mailbox may send
 * by SMTP.
 */
export type ExchangeStep = "service-principal" | "mailbox-permission" | "smtp-auth";

/** All steps, in the order in which they have to be done. */
export const EXCHANGE_STEPS: readonly ExchangeStep[] = [
  "service-principal",
  "mailbox-permission",
  "smtp-auth",
];

/** The first line of a session. */
export const CONNECT_EXCHANGE = "Connect-ExchangeOnline";

/** Stands for an id that is not known; a comment says where to find it. */
const UNKNOWN_ID = "OBJECT-ID-OF-THE-ENTERPRISE-APPLICATION";

/**
 * Returns the lines for some steps, for one mailbox or several.
 *
 * @see https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
 */
export function exchangeLines(
  application: ExchangeApplication,
  mailboxes: readonly string[],
  steps: readonly ExchangeStep[] = EXCHANGE_STEPS,
): readonly string[] {
  return [
    CONNECT_EXCHANGE,
    ...EXCHANGE_STEPS.filter((step) => steps.includes(step)).flatMap((step) =>
      LINES[step](application, mailboxes)
    ),
  ];
}

type Lines = (
  application: ExchangeApplication,
  mailboxes: readonly string[],
) => readonly string[];

const LINES: Readonly<Record<ExchangeStep, Lines>> = {
  "service-principal": ({ clientId, servicePrincipalId }) => {
    const values = [clientId, servicePrincipalId ?? UNKNOWN_ID, PROGRAM].map(powershellLiteral);
    const [appId, objectId, name] = values;
    return [
      ...(servicePrincipalId === undefined ? [WHERE_TO_FIND] : []),
      `# If the application is known already with another object ID: Remove-ServicePrincipal -Identity ${appId}`,
      `New-ServicePrincipal -AppId ${appId} -ObjectId ${objectId} -DisplayName ${name}`,
    ];
  },
  "mailbox-permission": ({ servicePrincipalId = UNKNOWN_ID }, mailboxes) =>
    mailboxes.map((mailbox) =>
      `Add-MailboxPermission -Identity ${powershellLiteral(mailbox)} ` +
      `-User ${powershellLiteral(servicePrincipalId)} -AccessRights FullAccess`
    ),
  "smtp-auth": (_application, mailboxes) =>
    mailboxes.map((mailbox) =>
      `Set-CASMailbox -Identity ${
        powershellLiteral(mailbox)
      } -SmtpClientAuthenticationDisabled $false`
    ),
};

const WHERE_TO_FIND =
  "# The object ID is on the page of the enterprise application (Entra admin center, Enterprise applications), not of the app registration.";
