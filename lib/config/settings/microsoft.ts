import { PORT_RANGE, type SettingGroup } from "./setting.ts";

/** App registrations, identity service and submission server. */
export const MICROSOFT_SETTINGS = {
  APP_SECRETS: {
    meaning:
      "App registrations at Microsoft, each written as application (client) ID, colon, value of the client secret. Separate " +
      "several with commas. Braces {} around the list are optional. Put a secret that contains a comma, or an ID that " +
      "contains a colon or a comma, in double quotes; the rules of JSON strings apply inside them. A registration of one " +
      "organisation, such as one that sends for its app-only mailboxes, can have that tenant's ID or domain: " +
      "application-id@tenant:secret. Without it, MICROSOFT_TENANT applies.",
    otherwise:
      "required, unless APP_CERT_FILES, APP_TOKEN_FILES or APP_PUBLIC_IDS give a registration",
    example: "application-id:secret,application-id-2@contoso.com:secret-2",
  },
  APP_SECRET_EXPIRES: {
    meaning:
      "Dates on which client secrets expire, as Microsoft shows them beside each secret. The proxy warns 30 and 7 days " +
      "before; on that day, mail stops. Written as application ID, colon, year-month-day; separate several with commas. " +
      "The admin page can set a date too; this setting takes precedence.",
    otherwise: "the date on the admin page; else no warnings",
    example: "application-id:2028-11-30",
  },
  APP_CERT_FILES: {
    meaning:
      "App registrations that authenticate themselves with a certificate instead of a secret: application ID (or " +
      "application-id@tenant), colon, path of the certificate in PEM format; separate several with commas. The same " +
      "certificate has to be uploaded to the registration. Renewed files are used without a restart.",
    otherwise: "none",
    example: "application-id:/etc/smtp-oauth2-proxy/app.crt",
  },
  APP_KEY_FILES: {
    meaning:
      "The private keys (RSA, PEM format, not encrypted) of the certificates in APP_CERT_FILES, written in the same way.",
    otherwise: "none",
    example: "application-id:/etc/smtp-oauth2-proxy/app.key",
  },
  APP_TOKEN_FILES: {
    meaning:
      "App registrations that authenticate themselves with a token that another service writes into a file (workload identity " +
      "federation): application ID (or application-id@tenant), colon, path of the file, which is read for each request.",
    otherwise: "none",
    example: "application-id:/run/secrets/azure/tokens/azure-identity-token",
  },
  APP_PUBLIC_IDS: {
    meaning:
      "App registrations without a secret (public clients), as application IDs separated by commas. They serve people who " +
      "sign in; app-only mailboxes need a registration with a certificate, a secret or a token file.",
    otherwise: "none",
    example: "application-id",
  },
  DEFAULT_APP_ID: {
    meaning: "App registration that new accounts use. Existing accounts keep theirs.",
    otherwise: "the first one in APP_SECRETS",
    example: "application-id",
  },
  MICROSOFT_TENANT: {
    meaning:
      "Who may sign in: consumers (personal accounts), organizations (work and school accounts), common (both), or a " +
      "single organisation, given by its tenant ID or domain.",
    default: "consumers",
  },
  MICROSOFT_AUTHORITY: {
    meaning: "Base URL of the identity service. Only national clouds need a different one.",
    default: "https://login.microsoftonline.com",
  },
  SMTP_TARGET_HOST: {
    meaning: "Submission server that messages are relayed to.",
    otherwise: "by account type: smtp-mail.outlook.com or smtp.office365.com",
    example: "smtp.office365.com",
  },
  SMTP_TARGET_PORT: {
    meaning: "Port of the submission server.",
    default: "587",
    range: PORT_RANGE,
  },
  SMTP_TARGET_TLS: {
    meaning:
      "How the connection to the submission server is encrypted: true for implicit TLS, false for STARTTLS.",
    otherwise: "false, or true if SMTP_TARGET_PORT is 465",
    example: "false",
  },
} as const satisfies SettingGroup;
