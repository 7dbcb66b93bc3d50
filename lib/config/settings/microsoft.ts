import type { Setting } from "./setting.ts";

const group = "Microsoft";

/** The app registration, the identity service and the submission server. */
export const MICROSOFT_SETTINGS = [
  {
    name: "APP_SECRETS",
    group,
    meaning:
      "The app registrations at Microsoft: application (client) id, colon, client secret value; several are " +
      "separated by commas. Braces {} around the list are optional. A part that contains a comma, or a colon in the id, " +
      "goes into double quotes, in which the rules of JSON strings apply.",
    otherwise: "required",
    example: "application-id:secret,application-id-2:secret-2",
  },
  {
    name: "DEFAULT_APP_ID",
    group,
    meaning: "The registration that new accounts use. Existing accounts keep theirs.",
    otherwise: "the first of APP_SECRETS",
    example: "application-id",
  },
  {
    name: "MICROSOFT_TENANT",
    group,
    meaning:
      "Who may sign in: consumers (personal accounts), organizations (work and school accounts), common (both), " +
      "or one organization by its tenant id or domain.",
    default: "consumers",
  },
  {
    name: "MICROSOFT_AUTHORITY",
    group,
    meaning: "Base address of the identity service. Only national clouds need another one.",
    default: "https://login.microsoftonline.com",
  },
  {
    name: "SMTP_TARGET_HOST",
    group,
    meaning: "The submission server to which messages are passed on.",
    otherwise: "by account kind (smtp-mail.outlook.com or smtp.office365.com)",
    example: "smtp.office365.com",
  },
  {
    name: "SMTP_TARGET_PORT",
    group,
    meaning: "Port of the submission server.",
    default: "587",
    range: { min: 1, max: 65_535 },
  },
  {
    name: "SMTP_TARGET_TLS",
    group,
    meaning:
      "How the submission server protects the connection: true is TLS from the first octet, false is STARTTLS.",
    otherwise: "false, or true when SMTP_TARGET_PORT is 465",
    example: "false",
  },
] as const satisfies readonly Setting[];
