/**
 * Guides for devices.
 *
 * @module
 */
import { commonFields, type Guide, type GuideValues } from "./guide.ts";

const PRINTER: Guide = {
  slug: "printer",
  name: "Printer or scanner",
  summary: "Scan to e-mail with devices of any make.",
  steps: (values: GuideValues) => [
    {
      text:
        "Open the web page of the device: enter its network address in a browser. Look for “E-mail”, “SMTP”, " +
        "“Scan to e-mail” or “Outgoing server”, often under Network or Scan.",
    },
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
  steps: (values: GuideValues) => [
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

export const DEVICES: readonly Guide[] = [PRINTER, NAS];
