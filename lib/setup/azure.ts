/**
 * Scripts for Azure Cloud Shell (Bash) that make app registrations and print the settings for them.
 *
 * @see https://learn.microsoft.com/cli/azure/ad/app
 * @module
 */
import { exchangeLines } from "./exchange.ts";
import { shellLiteral } from "./quote.ts";

/** Office 365 Exchange Online, and its permission to send for any mailbox that the application may open. */
const EXCHANGE_ONLINE = "00000002-0000-0ff1-ce00-000000000000";
const SEND_AS_APP = "SMTP.SendAsApp";

/** Microsoft Graph, and the permissions of people who sign in. */
const MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000";
const DELEGATED_PERMISSIONS = ["SMTP.Send", "offline_access", "openid", "profile", "email"];

/** The longest life of a client secret at Microsoft. */
const SECRET_YEARS = 2;
/** Attempts, and seconds between them, until a new application is known everywhere at Microsoft. */
const ATTEMPTS = 18;
const PAUSE_S = 10;

/** The accounts that a registration accepts, in the words of `--sign-in-audience`, by `MICROSOFT_TENANT`. */
const AUDIENCES: Readonly<Record<string, string>> = {
  consumers: "PersonalMicrosoftAccount",
  common: "AzureADandPersonalMicrosoftAccount",
  organizations: "AzureADMultipleOrgs",
};

/** A registration for people who sign in. */
export interface PeopleRegistration {
  /** The name that people see when they sign in. */
  readonly name: string;
  /** The address of the web pages, with `/auth` at its end. */
  readonly redirectUri: string;
  /** As `MICROSOFT_TENANT` has it. */
  readonly tenant: string;
}

/** A registration of an organisation that sends for mailboxes without anybody's sign-in. */
export interface OrganisationRegistration {
  readonly name: string;
  /** The certificate that the proxy signs with, in PEM. Absent: a client secret is made. */
  readonly certificate?: string;
  /** Addresses of mailboxes, for the lines that are printed at the end. */
  readonly mailboxes?: readonly string[];
}

/** Returns the line with which an administrator consents to all permissions of a registration. */
export function consentLines(clientId: string): readonly string[] {
  return [`az ad app permission admin-consent --id ${shellLiteral(clientId)}`];
}

/** Returns the script that makes a registration for people. */
export function peopleRegistrationScript(
  { name, redirectUri, tenant }: PeopleRegistration,
): readonly string[] {
  const audience = AUDIENCES[tenant];
  // Personal addresses are always proven. Of work accounts, this claim tells whether Microsoft vouches for the domain.
  const claims = audience === AUDIENCES.consumers ? undefined : VERIFIED_ADDRESS;
  return inSubshell([
    `name=${shellLiteral(name)}`,
    `graph=${MICROSOFT_GRAPH}`,
    `permissions=$(az ad sp show --id "$graph" --output json --query ${
      shellLiteral(
        `oauth2PermissionScopes[?contains(\`${JSON.stringify(DELEGATED_PERMISSIONS)}\`, value)]` +
          '.{id: id, type: `"Scope"`}',
      )
    })`,
    'app=$(az ad app create --display-name "$name" \\',
    `  --sign-in-audience ${audience ?? "AzureADMyOrg"} --requested-access-token-version 2 \\`,
    `  --web-redirect-uris ${shellLiteral(redirectUri)} --is-fallback-public-client true \\`,
    ...(claims ? [`  --optional-claims ${shellLiteral(JSON.stringify(claims))} \\`] : []),
    '  --required-resource-accesses "[{\\"resourceAppId\\":\\"$graph\\",\\"resourceAccess\\":$permissions}]" \\',
    "  --query appId --output tsv)",
    ...SECRET_LINES,
    "cat <<END",
    "",
    "Put these lines into the env file of the proxy:",
    "",
    "APP_SECRETS='$app:\"$secret\"'",
    "APP_SECRET_EXPIRES=$app:$ends",
    `MICROSOFT_TENANT=${tenant}`,
    "END",
  ]);
}

const VERIFIED_ADDRESS = { idToken: [{ name: "xms_edov", essential: false }] };

/** Returns the script that makes a registration of an organisation, and prints the lines for Exchange Online PowerShell. */
export function organisationRegistrationScript(
  { name, certificate, mailboxes = [] }: OrganisationRegistration,
): readonly string[] {
  return inSubshell([
    `name=${shellLiteral(name)}`,
    `exchange=${EXCHANGE_ONLINE}`,
    `role=$(az ad sp show --id "$exchange" --output tsv --query "appRoles[?value=='${SEND_AS_APP}'].id")`,
    'app=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg \\',
    '  --required-resource-accesses "[{\\"resourceAppId\\":\\"$exchange\\",\\"resourceAccess\\":[{\\"id\\":\\"$role\\",\\"type\\":\\"Role\\"}]}]" \\',
    "  --query appId --output tsv)",
    // The enterprise application, whose object id Exchange Online wants.
    'object=$(az ad sp create --id "$app" --query id --output tsv)',
    'tenant=$(az ad sp show --id "$app" --query appOwnerOrganizationId --output tsv)',
    "echo 'Waiting for Microsoft to know the application everywhere ...'",
    `for attempt in $(seq ${ATTEMPTS}); do`,
    '  az ad app permission admin-consent --id "$app" && break',
    `  [ "$attempt" -lt ${ATTEMPTS} ] || { echo 'No consent: an administrator has to give it.'; break; }`,
    `  sleep ${PAUSE_S}`,
    "done",
    ...(certificate === undefined ? SECRET_LINES : certificateLines(certificate)),
    "cat <<END",
    "",
    "Put these lines into the env file of the proxy:",
    "",
    ...(certificate === undefined ? SECRET_SETTINGS : CERTIFICATE_SETTINGS),
    "",
    "Then run these lines in Exchange Online PowerShell:",
    "",
    ...hereDocument(exchangeLines(
      { clientId: APPLICATION, servicePrincipalId: SERVICE_PRINCIPAL },
      mailboxes.length > 0 ? mailboxes : ["MAILBOX@YOUR-DOMAIN"],
    )),
    "END",
  ]);
}

/** Returns the lines that make a new client secret beside the old one, and print its value. */
export function secretLines(clientId: string): readonly string[] {
  return [
    `az ad app credential reset --id ${
      shellLiteral(clientId)
    } --append --years ${SECRET_YEARS} --query password --output tsv`,
  ];
}

const SECRET_LINES = [
  `ends=$(date --date '${SECRET_YEARS} years' +%F)`,
  'secret=$(az ad app credential reset --id "$app" --append --display-name "$name" \\',
  `  --years ${SECRET_YEARS} --query password --output tsv)`,
];

function certificateLines(certificate: string): readonly string[] {
  return [
    "certificate=$(mktemp)",
    `cat > "$certificate" <<'END'`,
    ...certificate.trim().split(/\r?\n/),
    "END",
    'az ad app credential reset --id "$app" --append --display-name "$name" --cert "@$certificate" --output none',
  ];
}

const SECRET_SETTINGS = [
  "APP_SECRETS='$app@$tenant:\"$secret\"'",
  "APP_SECRET_EXPIRES=$app:$ends",
];
const CERTIFICATE_SETTINGS = [
  "APP_CERT_FILES=$app@$tenant:/etc/smtp-oauth2-proxy/app.crt",
  "APP_KEY_FILES=$app:/etc/smtp-oauth2-proxy/app.key",
];

/** Placeholders for values that the script finds out, until everything else is quoted. */
const APPLICATION = "\u0001application\u0001";
const SERVICE_PRINCIPAL = "\u0001service principal\u0001";

/** Quotes lines for a here-document in which variables are expanded. */
function hereDocument(lines: readonly string[]): readonly string[] {
  return lines.map((line) =>
    line.replace(/[\\`$]/g, "\\$&").replaceAll(APPLICATION, "$app").replaceAll(
      SERVICE_PRINCIPAL,
      "$object",
    )
  );
}

/** A subshell: a mistake ends the script, not the administrator's session. */
function inSubshell(lines: readonly string[]): readonly string[] {
  return ["(", "set -eu", ...lines, ")"];
}
