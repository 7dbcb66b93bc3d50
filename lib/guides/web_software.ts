/**
 * Guides for software that sends notifications.
 *
 * @module
 */
import type { Encryption } from "./smtp_settings.ts";
import { commonFields, type Guide, type GuideValues, PASSWORD_PLACEHOLDER } from "./guide.ts";

const WORDPRESS_SSL: Readonly<Record<Encryption, string>> = {
  STARTTLS: "tls",
  TLS: "ssl",
  none: "",
};

const WORDPRESS: Guide = {
  slug: "wordpress",
  name: "WordPress",
  summary: "With a plugin such as WP Mail SMTP.",
  steps: (values: GuideValues) => [
    { text: "Install the plugin “WP Mail SMTP”, and choose the mailer “Other SMTP”." },
    {
      text: "Enter the server. Switch “Authentication” on.",
      fields: commonFields(values, { STARTTLS: "TLS", TLS: "SSL", none: "None" }),
    },
    {
      text:
        "Set “From Email” to your address, and force it: WordPress would use an address that Microsoft refuses.",
      fields: [["From Email", values.mailbox]],
    },
    {
      text: "Instead of the plugin's page you can use `wp-config.php`: these lines do the same.",
      file: "wp-config.php",
      code: phpConstants({
        WPMS_ON: true,
        WPMS_MAILER: "smtp",
        WPMS_SMTP_HOST: values.host,
        WPMS_SMTP_PORT: values.endpoint.port,
        WPMS_SSL: WORDPRESS_SSL[values.endpoint.encryption],
        WPMS_SMTP_AUTH: true,
        WPMS_SMTP_USER: values.username,
        WPMS_SMTP_PASS: PASSWORD_PLACEHOLDER,
        WPMS_MAIL_FROM: values.mailbox,
        WPMS_MAIL_FROM_FORCE: true,
      }),
    },
  ],
};

function phpConstants(constants: Readonly<Record<string, string | number | boolean>>): string {
  const literal = (value: string | number | boolean) =>
    typeof value === "string" ? `'${value.replace(/[\\']/g, "\\$&")}'` : String(value);
  return Object.entries(constants)
    .map(([name, value]) => `define( '${name}', ${literal(value)} );`).join("\n");
}

const HOME_ASSISTANT_ENCRYPTION: Readonly<Record<Encryption, string>> = {
  STARTTLS: "starttls",
  TLS: "tls",
  none: "none",
};

const HOME_ASSISTANT: Guide = {
  slug: "home-assistant",
  name: "Home Assistant",
  summary: "The SMTP notification service.",
  steps: ({ host, endpoint, username, mailbox }: GuideValues) => [
    {
      text: "Add this to `configuration.yaml`.",
      file: "configuration.yaml",
      code: `notify:
  - name: mail
    platform: smtp
    server: ${yamlText(host)}
    port: ${endpoint.port}
    encryption: ${HOME_ASSISTANT_ENCRYPTION[endpoint.encryption]}
    username: ${yamlText(username)}
    password: !secret mail_app_password
    sender: ${yamlText(mailbox)}
    recipient: ${yamlText(mailbox)}`,
    },
    {
      text: "Put the app password into `secrets.yaml`, in the same folder.",
      file: "secrets.yaml",
      code: `mail_app_password: ${yamlText(PASSWORD_PLACEHOLDER)}`,
    },
    { text: "Restart Home Assistant, and call the action `notify.mail`." },
  ],
};

/** JSON's strings are YAML's (YAML 1.2 section 1.3). */
function yamlText(text: string): string {
  return JSON.stringify(text);
}

const PROXMOX_MODE: Readonly<Record<Encryption, string>> = {
  STARTTLS: "STARTTLS",
  TLS: "TLS",
  none: "None (insecure)",
};

const PROXMOX: Guide = {
  slug: "proxmox",
  name: "Proxmox VE",
  summary: "Backup and cluster notifications, version 8.1 or newer.",
  steps: ({ host, endpoint, username, mailbox }: GuideValues) => [
    { text: "Open Datacenter, Notifications, and choose “Add”, “SMTP”." },
    {
      text: "Enter the server. Tick “Authenticate”.",
      fields: [
        ["Endpoint Name", "microsoft"],
        ["Server", host],
        ["Encryption", PROXMOX_MODE[endpoint.encryption]],
        ["Port", endpoint.port],
        ["Username", username],
        ["Password", "your app password"],
        ["From Address", mailbox],
      ],
    },
    {
      text:
        "Choose the recipients, then use “Test”. Add the new target to the notification matcher.",
    },
  ],
};

export const WEB_SOFTWARE: readonly Guide[] = [WORDPRESS, HOME_ASSISTANT, PROXMOX];
