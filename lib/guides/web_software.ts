/**
 * Guides for software that sends notifications.
 *
 * @module
 */
import type { Encryption } from "./smtp_settings.ts";
import { commonFields, ENCRYPTION_NAME, type Guide, PASSWORD_PLACEHOLDER } from "./guide.ts";

/** As PHPMailer and its relatives call them. */
const PHP_ENCRYPTION: Readonly<Record<Encryption, string>> = {
  STARTTLS: "tls",
  TLS: "ssl",
  none: "",
};

const WORDPRESS: Guide = {
  slug: "wordpress",
  name: "WordPress",
  summary: "With a plugin such as WP Mail SMTP.",
  steps: (values) => [
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
        WPMS_SSL: PHP_ENCRYPTION[values.endpoint.encryption],
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
  return Object.entries(constants)
    .map(([name, value]) => `define( '${name}', ${quoted(value)} );`).join("\n");
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
  steps: ({ host, endpoint, username, mailbox }) => [
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
  steps: ({ host, endpoint, username, mailbox }) => [
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

/** Source: “Email”, admin manual, github.com/nextcloud/documentation; 2026-11. */
const NEXTCLOUD: Guide = {
  slug: "nextcloud",
  name: "Nextcloud",
  summary: "Notifications, shares and lost passwords.",
  steps: ({ host, endpoint, username, mailbox }) => [
    {
      text:
        "Add this to `config/config.php`, or enter it as an administrator under “Email server”.",
      file: "config/config.php",
      code: phpArray({
        mail_smtpmode: "smtp",
        mail_smtphost: host,
        mail_smtpport: endpoint.port,
        mail_smtpsecure: PHP_ENCRYPTION[endpoint.encryption],
        mail_smtpauth: true,
        mail_smtpauthtype: "LOGIN",
        mail_smtpname: username,
        mail_smtppassword: PASSWORD_PLACEHOLDER,
        mail_from_address: mailbox.slice(0, mailbox.lastIndexOf("@")),
        mail_domain: mailbox.slice(mailbox.lastIndexOf("@") + 1),
      }),
      note: "The last two lines make the sender: Microsoft takes only addresses of your mailbox.",
    },
    { text: "Save your own address in your personal settings, then use “Send email” to test." },
  ],
};

/** Source: “SMTP settings”, docs.gitlab.com/omnibus/settings/smtp; 2026-11. */
const GITLAB: Guide = {
  slug: "gitlab",
  name: "GitLab",
  summary: "Self-managed, with the Linux package.",
  steps: ({ host, endpoint, username, mailbox, caFile }) => [
    {
      text: "Add this to `/etc/gitlab/gitlab.rb`.",
      file: "/etc/gitlab/gitlab.rb",
      code: rubySettings({
        smtp_enable: true,
        smtp_address: host,
        smtp_port: endpoint.port,
        smtp_user_name: username,
        smtp_password: PASSWORD_PLACEHOLDER,
        smtp_authentication: "login",
        smtp_enable_starttls_auto: endpoint.encryption === "STARTTLS",
        smtp_tls: endpoint.encryption === "TLS",
        smtp_openssl_verify_mode: "peer",
        ...(caFile && { smtp_ca_file: caFile }),
        gitlab_email_from: mailbox,
        gitlab_email_reply_to: mailbox,
      }),
    },
    { text: "Apply it.", file: "Terminal", code: "gitlab-ctl reconfigure" },
  ],
};

function rubySettings(settings: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `gitlab_rails['${name}'] = ${quoted(value)}`).join("\n");
}

const GRAFANA_POLICY: Readonly<Record<Encryption, string>> = {
  STARTTLS: "MandatoryStartTLS",
  TLS: "NoStartTLS",
  none: "NoStartTLS",
};

/** Source: [smtp] in Grafana's conf/defaults.ini, version 11; 2026-11. Port 465 speaks TLS from the beginning. */
const GRAFANA: Guide = {
  slug: "grafana",
  name: "Grafana",
  summary: "Alerts and invitations.",
  steps: ({ host, endpoint, username, mailbox }) => [
    {
      text: "Add this to `/etc/grafana/grafana.ini`.",
      file: "/etc/grafana/grafana.ini",
      code: `[smtp]
enabled = true
host = ${host}:${endpoint.port}
user = ${username}
password = """${PASSWORD_PLACEHOLDER}"""
from_address = ${mailbox}
startTLS_policy = ${GRAFANA_POLICY[endpoint.encryption]}`,
    },
    { text: "Restart Grafana, and test a contact point of the kind “Email” under Alerting." },
  ],
};

/** Source: “Email”, zabbix.com/documentation/6.4, config/notifications/media/email; 2026-11. */
const ZABBIX: Guide = {
  slug: "zabbix",
  name: "Zabbix",
  summary: "Notifications by the media type Email.",
  steps: ({ host, endpoint, username, mailbox }) => [
    { text: "Open the media types (Alerts, or Administration before version 6.4), and Email." },
    {
      text: "Enter the server.",
      fields: [
        ["SMTP server", host],
        ["SMTP server port", endpoint.port],
        ["SMTP email", mailbox],
        ["Connection security", ENCRYPTION_NAME[endpoint.encryption]],
        ["Authentication", "Username and password"],
        ["Username", username],
        ["Password", "your app password"],
      ],
      note: "Switch “SSL verify peer” and “SSL verify host” on.",
    },
    { text: "Use “Test” beside the media type." },
  ],
};

const UPTIME_KUMA_SECURE: Readonly<Record<Encryption, string>> = {
  STARTTLS: "None / STARTTLS (25, 587)",
  TLS: "TLS (465)",
  none: "None / STARTTLS (25, 587)",
};

/** Source: the form itself, SMTP.vue, github.com/louislam/uptime-kuma; 2026-11. */
const UPTIME_KUMA: Guide = {
  slug: "uptime-kuma",
  name: "Uptime Kuma",
  summary: "Notifications of outages.",
  steps: ({ host, endpoint, username, mailbox }) => [
    { text: "Add a notification of the type “Email (SMTP)” in the settings." },
    {
      text: "Enter the server.",
      fields: [
        ["Hostname", host],
        ["Port", endpoint.port],
        ["Secure", UPTIME_KUMA_SECURE[endpoint.encryption]],
        ["Username", username],
        ["Password", "your app password"],
        ["From Email", mailbox],
      ],
    },
    { text: "Enter the recipient under “To Email”, and use “Test”." },
  ],
};

/** Source: VBRMailNotificationConfiguration, helpcenter.veeam.com, and “E-mail notifications”, community.veeam.com; 2026-11. */
const VEEAM: Guide = {
  slug: "veeam",
  name: "Veeam Backup & Replication",
  summary: "Reports of backup jobs.",
  steps: ({ host, endpoint, username, mailbox }) => [
    {
      text:
        "Open the global e-mail notification settings, and choose “SMTP server (basic authentication)” as the mail server.",
    },
    {
      text: "Enter the server.",
      fields: [
        ["SMTP server", host],
        ["Port", endpoint.port],
        ["SSL (security)", endpoint.encryption === "none" ? "off" : "on"],
        ["User name", username],
        ["Password", "your app password"],
        ["Sender", mailbox],
      ],
      note: "Veeam sends the user name along with AUTH LOGIN, which this server understands.",
    },
    { text: "Enter the recipient, and send a test message." },
  ],
};

/** Strings in single quotes, as PHP and Ruby read them. */
function quoted(value: string | number | boolean): string {
  return typeof value === "string" ? `'${value.replace(/[\\']/g, "\\$&")}'` : String(value);
}

function phpArray(settings: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `'${name}' => ${quoted(value)},`).join("\n");
}

export const WEB_SOFTWARE: readonly Guide[] = [
  WORDPRESS,
  NEXTCLOUD,
  GITLAB,
  GRAFANA,
  ZABBIX,
  UPTIME_KUMA,
  HOME_ASSISTANT,
  PROXMOX,
  VEEAM,
];
