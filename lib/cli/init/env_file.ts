/**
 * The env file that `init` writes.
 *
 * @module
 */

/** The people who send mail, each with the `MICROSOFT_TENANT` for them. */
export const SENDERS = {
  personal: "consumers",
  organisation: "organizations",
  both: "common",
} as const;

/** How connections are protected. */
export const CERTIFICATES = ["files", "proxy", "lan"] as const;

/** Answers to the questions of `init`. */
export interface Answers {
  /** The name that mail clients connect to. */
  readonly host: string;
  readonly senders: keyof typeof SENDERS;
  readonly certificate: (typeof CERTIFICATES)[number];
}

/** Returns the address of the web pages. Without HTTPS, Microsoft sends browsers back to `localhost` alone. */
export function publicUrlOf({ host, certificate }: Answers): string {
  return certificate === "lan" ? "http://localhost:3000" : `https://${host}`;
}

/** Returns an env file with comments. @param secret The `SESSION_SECRET`. */
export function envFileText(answers: Answers, secret: string): string {
  const { host, senders, certificate } = answers;
  return [
    "# Settings of the SMTP OAuth2 proxy. docs/settings.md explains all of them.",
    "",
    "# The app registration at Microsoft: its application (client) ID, a colon, and the value of its client secret.",
    "# docs/microsoft-setup.md shows the way. Its redirect URI is:",
    `#     ${publicUrlOf(answers)}/auth`,
    "#APP_SECRETS=application-id:secret",
    ...senders === "organisation"
      ? ["# Put your tenant ID or domain here to let in your organisation alone."]
      : [],
    `MICROSOFT_TENANT=${SENDERS[senders]}`,
    "",
    "# Who may register. Without a filter, anyone with such an account may.",
    senders === "personal"
      ? "#ALLOWED_EMAILS_LIST=you@outlook.com"
      : "#ALLOWED_DOMAINS_LIST=example.com",
    "",
    "# The name that mail clients connect to.",
    `SMTP_PUBLIC_HOST=${host}`,
    ...CONNECTION_LINES[certificate](host),
    `PUBLIC_URL=${publicUrlOf(answers)}`,
    "",
    "# Encrypts cookies and stored tokens. Keep it secret, and keep it: without it everybody has to sign in again.",
    `SESSION_SECRET=${secret}`,
    "",
  ].join("\n");
}

/** The lines on ports and certificates. */
const CONNECTION_LINES: Readonly<Record<Answers["certificate"], (host: string) => string[]>> = {
  files: (host) => {
    const directory = `/etc/letsencrypt/live/${host}`;
    return [
      "SMTP_TLS_PORT=465",
      "SMTP_STARTTLS_PORT=587",
      "",
      "# One certificate for mail and for the web pages.",
      `SMTP_KEY_FILE=${directory}/privkey.pem`,
      `SMTP_CERT_FILE=${directory}/fullchain.pem`,
      `HTTPS_KEY_FILE=${directory}/privkey.pem`,
      `HTTPS_CERT_FILE=${directory}/fullchain.pem`,
      "HTTP_PORT=443",
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
  lan: () => [
    "",
    "# Without encryption: only for a network whose members you trust.",
    "SMTP_PORT=2525",
    "SMTP_PUBLIC_TLS_PORT=",
    "SMTP_PUBLIC_STARTTLS_PORT=",
    "",
    "# The pages open on this machine alone; from another one: ssh -L 3000:localhost:3000 this-machine",
    "HTTP_HOST=localhost",
    "HTTP_PORT=3000",
  ],
};
