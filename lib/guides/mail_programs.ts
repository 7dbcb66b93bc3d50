/**
 * Guides for mail programs.
 *
 * @module
 */
import { ENCRYPTION_NAME, type Guide } from "./guide.ts";

/** Ports that Gmail connects to. */
const GMAIL_PORTS: readonly number[] = [25, 465, 587];

const GMAIL: Guide = {
  slug: "gmail",
  name: "Gmail: Send mail as",
  summary: "Answer with your Microsoft address from Gmail.",
  needs:
    "Gmail connects from the internet: this server has to be reachable there, on port 25, 465 or 587, with a " +
    "certificate that is generally trusted.",
  prefers: ["TLS", "STARTTLS"],
  steps: ({ host, endpoint, username, mailbox }) => [
    {
      text: "In Gmail on a computer, open Settings, See all settings, Accounts and Import. " +
        "Beside “Send mail as”, choose “Add another email address”.",
    },
    {
      text: "Enter your name and this address, and go on.",
      fields: [["Email address", mailbox]],
    },
    {
      text: "Enter the server, and choose “Add Account”.",
      ...GMAIL_PORTS.includes(endpoint.port) ? {} : {
        note:
          `Gmail connects to the ports ${
            GMAIL_PORTS.join(", ")
          } only, so it cannot reach port ${endpoint.port}. ` +
          "Ask the operator of this server for one of them.",
      },
      fields: [
        ["SMTP Server", host],
        ["Port", endpoint.port],
        ["Username", username],
        ["Password", "your app password"],
        [
          "Secured connection",
          endpoint.encryption === "TLS" ? "using SSL" : "using TLS",
        ],
      ],
    },
    {
      text: "Google sends a confirmation code to your Microsoft mailbox. Enter it.",
      note:
        "If Gmail says that it cannot reach the server, it is not open to the internet. If it says that the " +
        "authentication failed, copy the app password again.",
    },
  ],
};

const THUNDERBIRD: Guide = {
  slug: "thunderbird",
  name: "Thunderbird",
  summary: "Add this server to the outgoing servers.",
  steps: ({ host, endpoint, username }) => [
    { text: "Open Settings, Account Settings, Outgoing Server (SMTP), and choose “Add”." },
    {
      text: "Enter the server.",
      fields: [
        ["Server Name", host],
        ["Port", endpoint.port],
        ["Connection security", ENCRYPTION_NAME[endpoint.encryption]],
        ["Authentication method", "Normal password"],
        ["User Name", username],
      ],
    },
    {
      text:
        "Choose your account in the list on the left, and select this server as its outgoing server.",
    },
    {
      text:
        "Send a message. Thunderbird asks for the password: enter your app password, and let Thunderbird keep it.",
    },
  ],
};

const APPLE_MAIL: Guide = {
  slug: "apple-mail",
  name: "Apple Mail",
  summary: "On a Mac, an iPhone or an iPad; by hand or with a profile.",
  prefers: ["TLS", "STARTTLS", "none"],
  steps: ({ host, endpoint, username, mailbox }) => [
    {
      text: "Open the list of outgoing servers.",
      alternatives: [
        {
          name: "On a Mac",
          text:
            "Open Mail, Settings, Accounts, your account, Server Settings. Beside “Outgoing Mail Account”, choose " +
            "“Edit SMTP Server List”, then “+”.",
        },
        {
          name: "On an iPhone or iPad",
          text: "Open Settings, Apps, Mail, Mail Accounts, your account, SMTP, Add Server.",
        },
      ],
    },
    {
      text: "Enter the server, and choose it for your account.",
      fields: [
        ["Host Name", host],
        ["Port", endpoint.port],
        ["Use TLS/SSL", endpoint.encryption === "none" ? "off" : "on"],
        ["Authentication", "Password"],
        ["User Name", username],
        ["Password", "your app password"],
      ],
    },
    {
      text:
        `Or install a profile, which adds an account for sending from ${mailbox}. It holds no password: the device ` +
        "asks for your app password.",
      download: { path: "/guides/apple-mail/profile.mobileconfig", label: "Download the profile" },
      note:
        "Microsoft lets Mail read only through its own sign-in. Keep your present account for reading; the one of " +
        "the profile only sends. Apple shows the profile as not signed.",
    },
  ],
};

export const MAIL_PROGRAMS: readonly Guide[] = [GMAIL, THUNDERBIRD, APPLE_MAIL];
