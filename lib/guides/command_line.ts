/**
 * Guides for mail servers and commands.
 *
 * @module
 */
import { shellCommand, swaksCommand } from "./smtp_settings.ts";
import { type Guide, type GuideValues, PASSWORD_PLACEHOLDER } from "./guide.ts";

const MSMTP: Guide = {
  slug: "msmtp",
  name: "msmtp",
  summary: "A small sendmail for servers, cron jobs and mutt.",
  needs: "msmtp has to be installed: `sudo apt install msmtp msmtp-mta` on Debian and Ubuntu.",
  steps: ({ host, endpoint, username, mailbox, caFile }) => [
    {
      text: "Write this to `~/.msmtprc`, or to `/etc/msmtprc` for the whole machine.",
      file: "~/.msmtprc",
      code: `defaults
auth           ${endpoint.encryption === "none" ? "plain" : "on"}
tls            ${endpoint.encryption === "none" ? "off" : "on"}
tls_starttls   ${endpoint.encryption === "STARTTLS" ? "on" : "off"}${
        caFile ? `\ntls_trust_file ${caFile}` : ""
      }

account        default
host           ${host}
port           ${endpoint.port}
from           ${mailbox}
user           ${username}
password       ${PASSWORD_PLACEHOLDER}`,
    },
    { text: "Nobody else may read the file.", file: "Terminal", code: "chmod 600 ~/.msmtprc" },
    {
      text: "Send a test message.",
      file: "Terminal",
      code: `printf 'Subject: Test\\n\\nThis is a test.\\n' | ${shellCommand(["msmtp", mailbox])}`,
    },
  ],
};

const POSTFIX: Guide = {
  slug: "postfix",
  name: "Postfix as a relay",
  summary: "All mail of a machine, through a relayhost.",
  needs:
    "Postfix has to be installed: `sudo apt install postfix libsasl2-modules` on Debian and Ubuntu.",
  steps: (values) => [
    {
      text: "Add this to `/etc/postfix/main.cf`.",
      file: "/etc/postfix/main.cf",
      code: postfixSettings(values),
      note:
        "On Fedora and its relatives, the file with the certificate authorities is `/etc/pki/tls/certs/ca-bundle.crt`.",
    },
    {
      text:
        "Write the app password to `/etc/postfix/sasl_passwd`. Nobody else may read it: `chmod 600`.",
      file: "/etc/postfix/sasl_passwd",
      code: `${relayhost(values)} ${values.username}:${PASSWORD_PLACEHOLDER}`,
    },
    {
      text: "Reload Postfix and send a test message.",
      file: "Terminal",
      code: "postfix reload && printf 'Subject: Test\\n\\nThis is a test.\\n' | " +
        shellCommand(["sendmail", "-f", values.mailbox, values.mailbox]),
      note:
        "Microsoft takes only senders that belong to your mailbox. The line `sender_canonical_maps` gives every " +
        "message that sender; leave it out if the machine sends with proper addresses already.",
    },
  ],
};

function relayhost({ host, endpoint }: GuideValues): string {
  return `[${host}]:${endpoint.port}`;
}

/** Where Debian and Ubuntu keep the generally trusted authorities. */
const TRUSTED_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

function postfixSettings(values: GuideValues): string {
  const { endpoint: { encryption }, caFile = TRUSTED_AUTHORITIES } = values;
  return [
    `relayhost = ${relayhost(values)}`,
    "smtp_sasl_auth_enable = yes",
    "smtp_sasl_password_maps = texthash:/etc/postfix/sasl_passwd",
    "smtp_sasl_security_options = noanonymous",
    ...encryption === "none"
      ? ["smtp_tls_security_level = none"]
      : ["smtp_tls_security_level = secure", `smtp_tls_CAfile = ${caFile}`],
    ...encryption === "TLS" ? ["smtp_tls_wrappermode = yes"] : [],
    `sender_canonical_maps = static:${values.mailbox}`,
    "sender_canonical_classes = envelope_sender, header_sender",
  ].join("\n");
}

const SWAKS: Guide = {
  slug: "swaks",
  name: "swaks",
  summary: "The Swiss army knife for testing SMTP.",
  needs: "swaks has to be installed: `sudo apt install swaks` on Debian and Ubuntu.",
  steps: ({ host, endpoint, username, mailbox }) => [
    {
      text: "Send a test message to yourself, and see the whole dialogue.",
      file: "Terminal",
      code: swaksCommand({
        ...{ host, endpoint, username, password: PASSWORD_PLACEHOLDER },
        ...{ sender: mailbox, recipient: mailbox },
      }),
    },
  ],
};

const CURL: Guide = {
  slug: "curl",
  name: "curl",
  summary: "One message from a script.",
  steps: ({ host, endpoint, username, mailbox, caFile }) => [
    {
      text: "Write a message to the file `message.txt`.",
      file: "Terminal",
      code:
        `cat > message.txt <<'END'\nFrom: ${mailbox}\nTo: ${mailbox}\nSubject: Test\n\nThis is a test.\nEND`,
    },
    {
      text: "Send it. curl asks for the password.",
      file: "Terminal",
      code: shellCommand([
        "curl",
        `${endpoint.encryption === "TLS" ? "smtps" : "smtp"}://${urlHost(host)}:${endpoint.port}`,
        ...endpoint.encryption === "STARTTLS" ? ["--ssl-reqd"] : [],
        ...caFile && endpoint.encryption !== "none" ? ["--cacert", caFile] : [],
        ...["--user", username, "--mail-from", mailbox, "--mail-rcpt", mailbox],
        ...["--upload-file", "message.txt"],
      ]),
    },
  ],
};

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

export const COMMAND_LINE: readonly Guide[] = [MSMTP, POSTFIX, SWAKS, CURL];
