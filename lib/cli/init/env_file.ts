/**
 * The env file that `init` writes.
 *
 * @module
 */

/** The groups of people who send mail, each with its `MICROSOFT_TENANT`. */
export const SENDERS = {
  personal: "consumers",
  organisation: "organizations",
  both: "common",
} as const;

/** The sources of certificates. */
export const CERTIFICATES = ["automatic", "files", "proxy", "lan"] as const;

/** Answers to the questions of `init`. */
export interface Answers {
  /** The name that mail clients connect to. */
  readonly host: string;
  readonly senders: keyof typeof SENDERS;
  readonly certificate: (typeof CERTIFICATES)[number];
  /** The operator's address. */
  readonly email?: string;
  /** The database file. Absent: the default. */
  readonly database?: string;
  /** The value of `APP_SECRETS`, if the app is registered already. */
  readonly appSecrets?: string;
}

/** Returns the address of the web pages. */
export function publicUrlOf({ host }: Pick<Answers, "host">): string {
  return `https://${host.includes(":") ? `[${host}]` : host}`;
}

/** Returns an env file with comments. @param secret The `SESSION_SECRET`. */
export function envFileText(answers: Answers, secret: string): string {
  const { host, certificate, appSecrets, database } = answers;
  return [
    "# Settings of the SMTP OAuth2 proxy. docs/settings.md explains all of them.",
    "",
    "# The app registration at Microsoft: its application (client) ID, a colon, and the value of its client secret.",
    "# docs/microsoft-setup.md shows the way. Its redirect URI is:",
    `#     ${publicUrlOf(answers)}/auth`,
    appSecrets ? `APP_SECRETS=${envValue(appSecrets)}` : "#APP_SECRETS=application-id:secret",
    ...tenantLines(answers),
    "",
    "# Who may register. Without a filter, anyone with such an account may.",
    ...filterLines(answers),
    "",
    "# The name that mail clients connect to.",
    `SMTP_PUBLIC_HOST=${host}`,
    ...CONNECTION_LINES[certificate](answers),
    `PUBLIC_URL=${publicUrlOf(answers)}`,
    "",
    ...database
      ? [
        "# The database. Certificates are kept beside it.",
        `SQLITE_PATH=${envValue(database)}`,
        "",
      ]
      : [],
    "# Encrypts cookies and stored tokens. Keep it secret, and keep it: without it everybody has to sign in again.",
    `SESSION_SECRET=${secret}`,
    "",
  ].join("\n");
}

/** Quotes a value in which a number sign would begin a comment. Others get no quotes: Docker takes them as part of the value. */
function envValue(text: string): string {
  return text.includes("#") && !text.includes("'") ? `'${text}'` : text;
}

/** Lets in the operator's organisation alone if its domain is known. */
function tenantLines({ senders, email }: Answers): readonly string[] {
  if (senders !== "organisation") return [`MICROSOFT_TENANT=${SENDERS[senders]}`];
  const domain = email?.split("@")[1];
  return domain === undefined
    ? [
      "# Put your tenant ID or domain here to let in your organisation alone.",
      `MICROSOFT_TENANT=${SENDERS[senders]}`,
    ]
    : ["# Your organisation: its tenant ID or one of its domains.", `MICROSOFT_TENANT=${domain}`];
}

/** Lets the operator register, and in an organisation the colleagues, too. */
function filterLines({ senders, email }: Answers): readonly string[] {
  const admin = email ? [`ADMIN_EMAILS=${email}`] : [];
  if (senders === "personal") {
    return [
      email ? `ALLOWED_EMAILS_LIST=${email}` : "#ALLOWED_EMAILS_LIST=you@outlook.com",
      ...admin,
    ];
  }
  return [`#ALLOWED_DOMAINS_LIST=${email?.split("@")[1] ?? "example.com"}`, ...admin];
}

const TLS_PORTS = ["SMTP_TLS_PORT=465", "SMTP_STARTTLS_PORT=587"];
const WEB_PORTS = ["HTTP_PORT=443", "HTTP_REDIRECT_PORT=80"];

/** The lines on ports and certificates. */
const CONNECTION_LINES: Readonly<Record<Answers["certificate"], (answers: Answers) => string[]>> = {
  automatic: ({ email }) => [
    ...TLS_PORTS,
    "",
    "# One certificate for mail and for the web pages, from Let's Encrypt, whose terms you accept with this line.",
    "# Port 80 has to be reachable from outside.",
    email ? `ACME_EMAIL=${email}` : "ACME=on",
    ...WEB_PORTS,
  ],
  files: ({ host }) => {
    const directory = `/etc/letsencrypt/live/${host}`;
    return [
      ...TLS_PORTS,
      "",
      "# One certificate for mail and for the web pages.",
      `SMTP_KEY_FILE=${directory}/privkey.pem`,
      `SMTP_CERT_FILE=${directory}/fullchain.pem`,
      `HTTPS_KEY_FILE=${directory}/privkey.pem`,
      `HTTPS_CERT_FILE=${directory}/fullchain.pem`,
      "HTTP_PORT=443",
      "# Port 80 sends browsers to the pages. Leave it to another program, such as certbot --standalone, with this line:",
      "#HTTP_REDIRECT_PORT=",
    ];
  },
  proxy: () => [
    "",
    "# The proxy on this machine speaks TLS to mail clients on port 465 and to browsers on port 443.",
    "SMTP_HOST=localhost",
    "SMTP_PORT=2525",
    "SMTP_PUBLIC_TLS_PORT=465",
    "SMTP_PUBLIC_STARTTLS_PORT=",
    "HTTP_PORT=3000",
    "TRUST_PROXY=loopback",
  ],
  lan: ({ host }) => [
    ...TLS_PORTS,
    "",
    "# Certificates of a small authority of our own. Devices have to trust it once:",
    `#     ${publicUrlOf({ host })}/ca.crt`,
    "OWN_CA=on",
    ...WEB_PORTS,
    "# For devices that know no TLS. Passwords and mail are readable by everyone in the network: never open it to others.",
    "#SMTP_PORT=25",
  ],
};
