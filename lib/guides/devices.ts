/**
 * Guides for devices.
 *
 * @module
 */
import type { Encryption } from "./smtp_settings.ts";
import { COPIER_MENUS } from "./copiers.ts";
import { commonFields, type Guide } from "./guide.ts";

const PRINTER: Guide = {
  slug: "printer",
  name: "Printer, scanner or copier",
  summary: "Scan to e-mail with devices of any make.",
  steps: (values) => [
    {
      text:
        "Open the web page of the device: enter its network address in a browser. Look for “E-mail”, “SMTP”, " +
        "“Scan to e-mail” or “Outgoing server”, often under Network or Scan.",
    },
    COPIER_MENUS,
    {
      text:
        "Enter the server. Where you can choose the kind of authentication, it is SMTP AUTH, PLAIN or LOGIN; " +
        "not POP before SMTP, and not OAuth.",
      fields: commonFields(values),
      note:
        "The dashes of the app password may be left out: without them it has 16 characters. A capital letter at its beginning does no harm. " +
        "If the user name is too long for the device, set a short one on your account page.",
    },
    {
      text:
        "Enter the sender, often called “From”, “Reply to” or “Administrator address”. Microsoft takes only " +
        "addresses that belong to your mailbox.",
      fields: [["Sender", values.mailbox]],
    },
    {
      text: "Use the device's test button, then look at your activity page.",
      note:
        "Refused logins are listed there as well, with their cause. Nothing there? Then the device did not reach this server: check the server name, the port and the " +
        "device's DNS setting. An old device may know only old kinds of TLS; on a trusted network the operator can " +
        "open a port without encryption.",
    },
  ],
};

const NAS: Guide = {
  slug: "nas",
  name: "Synology or QNAP",
  summary: "Notifications of a network storage.",
  steps: (values) => [
    {
      text: "Open the settings for e-mail.",
      alternatives: [
        {
          name: "Synology",
          text:
            "Open Control Panel, Notification, Email, choose “Set up” and the service provider “Custom SMTP server”.",
        },
        {
          name: "QNAP",
          text:
            "Open Notification Center, Service Account and Device Pairing, E-mail, “Add SMTP Service”, and choose “Custom”.",
        },
      ],
    },
    { text: "Enter the server.", fields: commonFields(values) },
    { text: "Enter the sender, and send a test message.", fields: [["Sender", values.mailbox]] },
  ],
};

/** Source: “Email”, TrueNAS CORE 13.0 UI reference, www.truenas.com/docs; 2026-11. */
const TRUENAS_SECURITY: Readonly<Record<Encryption, string>> = {
  STARTTLS: "TLS (STARTTLS)",
  TLS: "SSL (Implicit TLS)",
  none: "Plain (No Encryption)",
};

const TRUENAS: Guide = {
  slug: "truenas",
  name: "TrueNAS",
  summary: "Alerts of a network storage.",
  steps: ({ host, endpoint, username, mailbox }) => [
    { text: "Open System, Email, and choose the send mail method SMTP." },
    {
      text: "Enter the server, and switch “SMTP Authentication” on.",
      fields: [
        ["From Email", mailbox],
        ["Outgoing Mail Server", host],
        ["Mail Server Port", endpoint.port],
        ["Security", TRUENAS_SECURITY[endpoint.encryption]],
        ["Username", username],
        ["Password", "your app password"],
      ],
    },
    { text: "Send a test mail." },
  ],
};

/** Source: “Customize Unraid settings”, github.com/unraid/docs; 2026-11. */
const UNRAID: Guide = {
  slug: "unraid",
  name: "Unraid",
  summary: "Notifications of the server.",
  steps: ({ host, endpoint, username, mailbox }) => [
    { text: "Open Settings, User Preferences, Notification Settings, SMTP Settings." },
    {
      text: "Choose the preset service “Custom”, and enter the server.",
      fields: [
        ["Sending email address", mailbox],
        ["Mail server", host],
        ["Mail server port", endpoint.port],
        ["Use SSL/TLS", endpoint.encryption === "none" ? "No" : "Yes"],
        ["Use STARTTLS", endpoint.encryption === "STARTTLS" ? "Yes" : "No"],
        ["Authentication method", "Login"],
        ["Username", username],
        ["Password", "your app password"],
      ],
    },
    { text: "Enter the recipients, and press TEST." },
  ],
};

/** Source: “Monit”, docs.opnsense.org/manual/monit.html; 2026-11. */
const OPNSENSE: Guide = {
  slug: "opnsense",
  name: "OPNsense",
  summary: "Alerts of the firewall, by Monit.",
  steps: ({ host, endpoint, username, mailbox }) => [
    { text: "Open Services, Monit, Settings. On the tab “General Settings”, switch Monit on." },
    {
      text: "Enter the server.",
      fields: [
        ["Mail Server", host],
        ["Mail Server Port", endpoint.port],
        ["Username", username],
        ["Password", "your app password"],
        ["Secure Connection", endpoint.encryption === "none" ? "off" : "on"],
        ["SSL Version", "AUTO"],
        ["Verify SSL Certificates", endpoint.encryption === "none" ? "off" : "on"],
      ],
    },
    {
      text: "On the tab “Alert Settings”, add the recipient. Give the sender under “Mail format”.",
      file: "Mail format",
      code: `From: ${mailbox}`,
    },
  ],
};

/** Source: the form itself, system_advanced_notifications.php, github.com/pfsense/pfsense; 2026-11. STARTTLS needs no switch there. */
const PFSENSE: Guide = {
  slug: "pfsense",
  name: "pfSense",
  summary: "Notifications of the firewall.",
  steps: ({ host, endpoint, username, mailbox }) => [
    {
      text: "Open System, Advanced, and the tab “Notifications”; the settings are under “E-Mail”.",
    },
    {
      text: "Enter the server.",
      fields: [
        ["E-Mail server", host],
        ["SMTP Port of E-Mail server", endpoint.port],
        ["Enable SMTP over SSL/TLS", endpoint.encryption === "TLS" ? "on" : "off"],
        ["Validate SSL/TLS", endpoint.encryption === "none" ? "off" : "on"],
        ["From e-mail address", mailbox],
        ["Notification E-Mail auth username", username],
        ["Notification E-Mail auth password", "your app password"],
        ["Notification E-Mail auth mechanism", "PLAIN"],
      ],
    },
    {
      text:
        "Enter the recipient under “Notification E-Mail address”, save, and use “Test SMTP Settings”.",
      note: "The test uses the values that were saved last.",
    },
  ],
};

/** Source of the place: AVM's advice of 2021-11-26, as dpa has quoted it. Other words of the page were not found. */
const FRITZ_BOX: Guide = {
  slug: "fritz-box",
  name: "FRITZ!Box",
  summary: "The push service of the router.",
  steps: (values) => [
    { text: "Open `http://fritz.box`, then System, Push Service, and the settings of the sender." },
    {
      text: "Enter your address as the sender, and the server.",
      fields: [["E-mail address", values.mailbox], ...commonFields(values)],
    },
    { text: "Switch on the messages that you want, and send a test message." },
  ],
};

export const DEVICES: readonly Guide[] = [
  PRINTER,
  NAS,
  TRUENAS,
  UNRAID,
  OPNSENSE,
  PFSENSE,
  FRITZ_BOX,
];
