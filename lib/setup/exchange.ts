/**
 * Lines for Exchange Online PowerShell that let an app registration send for mailboxes.
 *
 * @see https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
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

/** Stands for an id that is not known; a comment says where to find it. */
const UNKNOWN_ID = "OBJECT-ID-OF-THE-ENTERPRISE-APPLICATION";
const WHERE_TO_FIND =
  "# The object ID is on the page of the enterprise application (Entra admin center, Enterprise apps), not of the app registration.";

/** Returns the lines for steps, in the order in which they have to be done. Default: all steps. */
export function exchangeLines(
  application: ExchangeApplication,
  mailboxes: readonly string[],
  steps: readonly ExchangeStep[] = STEPS,
): readonly string[] {
  const wanted = STEPS.filter((step) => steps.includes(step));
  return [
    "Connect-ExchangeOnline",
    ...wanted.flatMap((step) => LINES[step](application, mailboxes)),
  ];
}

type Lines = (
  application: ExchangeApplication,
  mailboxes: readonly string[],
) => readonly string[];

const LINES: Readonly<Record<ExchangeStep, Lines>> = {
  "service-principal": ({ clientId, servicePrincipalId }) => {
    const ids = [clientId, servicePrincipalId ?? UNKNOWN_ID, PROGRAM].map(powershellLiteral);
    const [appId, objectId, name] = ids;
    return [
      ...(servicePrincipalId === undefined ? [WHERE_TO_FIND] : []),
      `# If the application is known already, with another object ID: Remove-ServicePrincipal -Identity ${appId}`,
      `New-ServicePrincipal -AppId ${appId} -ObjectId ${objectId} -DisplayName ${name}`,
    ];
  },
  // Exchange Online has ids of its own for service principals: it is asked for the right one.
  "mailbox-permission": ({ clientId }, mailboxes) => [
    `$application = (Get-ServicePrincipal -Identity ${powershellLiteral(clientId)}).Identity`,
    ...mailboxes.map((mailbox) =>
      `Add-MailboxPermission -Identity ${powershellLiteral(mailbox)} ` +
      "-User $application -AccessRights FullAccess"
    ),
  ],
  "smtp-auth": (_application, mailboxes) =>
    mailboxes.map((mailbox) =>
      `Set-CASMailbox -Identity ${powershellLiteral(mailbox)} ` +
      "-SmtpClientAuthenticationDisabled $false"
    ),
};

/** All steps, in their order. */
const STEPS: readonly ExchangeStep[] = ["service-principal", "mailbox-permission", "smtp-auth"];
