import { PORT_RANGE, type SettingGroup } from "./setting.ts";

/** App registrations, identity service and submission server. */
export const MICROSOFT_SETTINGS = {
  APP_SECRETS: {
    meaning:
      "App registrations at Microsoft, each written as application (client) ID, colon, client secret value; separate " +
      "several with commas. Braces {} around the list are optional. Put a secret that contains a comma, or an ID that " +
      "contains a colon or a comma, in double quotes; the rules of JSON strings apply inside them.",
    otherwise: "required",
    example: "application-id:secret,application-id-2:secret-2",
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
