/**
 * Guides for programmers.
 *
 * @module
 */
import {
  commonFields,
  type Guide,
  type GuideStep,
  type GuideValues,
  PASSWORD_PLACEHOLDER,
} from "./guide.ts";
import type { Encryption } from "./smtp_settings.ts";

const SET_PASSWORD_TEXT = "Put the app password into the environment variable `SMTP_PASSWORD`.";
const BY_POWERSHELL = {
  file: "PowerShell",
  code: `$env:SMTP_PASSWORD = '${PASSWORD_PLACEHOLDER}'`,
};

/** The password stays out of the program. */
const SET_PASSWORD: GuideStep = {
  text: SET_PASSWORD_TEXT,
  alternatives: [
    {
      name: "Linux and macOS",
      text: "",
      file: "Terminal",
      code: `export SMTP_PASSWORD='${PASSWORD_PLACEHOLDER}'`,
    },
    { name: "Windows", text: "", ...BY_POWERSHELL },
  ],
};

const PYTHON: Guide = {
  slug: "python",
  name: "Python",
  summary: "smtplib of the standard library.",
  steps: (values) => [
    SET_PASSWORD,
    {
      text: "Write the program, and start it with `python3 send.py`.",
      file: "send.py",
      code: pythonProgram(values),
    },
  ],
};

/** JSON's strings are Python's, too. Without a context, Python would take any certificate. */
function pythonProgram({ host, endpoint, username, mailbox, caFile }: GuideValues): string {
  const context = `context=ssl.create_default_context(${
    caFile ? `cafile=${JSON.stringify(caFile)}` : ""
  })`;
  const address = `${JSON.stringify(host)}, ${endpoint.port}`;
  const server = endpoint.encryption === "TLS"
    ? `SMTP_SSL(${address}, ${context})`
    : `SMTP(${address})`;
  const startTls = endpoint.encryption === "STARTTLS" ? `\n    server.starttls(${context})` : "";
  return `import os
import smtplib
import ssl
from email.message import EmailMessage

message = EmailMessage()
message["From"] = ${JSON.stringify(mailbox)}
message["To"] = ${JSON.stringify(mailbox)}
message["Subject"] = "Test"
message.set_content("This is a test.")

with smtplib.${server} as server:${startTls}
    server.login(${JSON.stringify(username)}, os.environ["SMTP_PASSWORD"])
    server.send_message(message)`;
}

const NODEMAILER: Guide = {
  slug: "nodemailer",
  name: "Nodemailer",
  summary: "For Node.js, Deno and Bun.",
  needs: "Nodemailer has to be installed: `npm install nodemailer`.",
  steps: ({ host, endpoint, username, mailbox, caFile }) => [
    SET_PASSWORD,
    {
      text: "Write the program, and start it with `node send.mjs`.",
      file: "send.mjs",
      code: `${
        caFile ? 'import { readFileSync } from "node:fs";\n' : ""
      }import nodemailer from "nodemailer";
import process from "node:process";

const transport = nodemailer.createTransport({
  host: ${JSON.stringify(host)},
  port: ${endpoint.port},
  secure: ${endpoint.encryption === "TLS"},${
        endpoint.encryption === "STARTTLS" ? "\n  requireTLS: true," : ""
      }
  auth: { user: ${JSON.stringify(username)}, pass: process.env.SMTP_PASSWORD },${
        caFile ? `\n  tls: { ca: readFileSync(${JSON.stringify(caFile)}) },` : ""
      }
});

await transport.sendMail({
  from: ${JSON.stringify(mailbox)},
  to: ${JSON.stringify(mailbox)},
  subject: "Test",
  text: "This is a test.",
});`,
    },
  ],
};

const PHP_SECURE: Readonly<Record<Encryption, string>> = {
  STARTTLS: "PHPMailer::ENCRYPTION_STARTTLS",
  TLS: "PHPMailer::ENCRYPTION_SMTPS",
  none: '""',
};

/** Returns a literal of PHP; a dollar sign would begin a variable in double quotes. */
function phpText(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** Source: Laravel's .env.example, version 12; 2026-11. Its scheme smtp uses STARTTLS where it is offered. */
function laravelSettings({ host, endpoint, username, mailbox }: GuideValues): string {
  return `MAIL_MAILER=smtp
MAIL_SCHEME=${endpoint.encryption === "TLS" ? "smtps" : "smtp"}
MAIL_HOST=${host}
MAIL_PORT=${endpoint.port}
MAIL_USERNAME=${JSON.stringify(username)}
MAIL_PASSWORD="${PASSWORD_PLACEHOLDER}"
MAIL_FROM_ADDRESS=${JSON.stringify(mailbox)}`;
}

const PHP: Guide = {
  slug: "php",
  name: "PHP and Laravel",
  summary: "PHPMailer, or Laravel's settings.",
  needs:
    "PHPMailer has to be installed: `composer require phpmailer/phpmailer`. Laravel needs nothing.",
  steps: (values) => [
    SET_PASSWORD,
    {
      text: "Write the program, and start it with `php send.php`.",
      file: "send.php",
      code: phpProgram(values),
    },
    {
      text: "In Laravel, put this into `.env` instead of both.",
      file: ".env",
      code: laravelSettings(values),
    },
  ],
};

function phpProgram({ host, endpoint, username, mailbox, caFile }: GuideValues): string {
  const automatic = endpoint.encryption === "none" ? "\n$mail->SMTPAutoTLS = false;" : "";
  const authority = caFile
    ? `\n$mail->SMTPOptions = ['ssl' => ['cafile' => ${phpText(caFile)}]];`
    : "";
  return `<?php
require 'vendor/autoload.php';

use PHPMailer\\PHPMailer\\PHPMailer;

$mail = new PHPMailer(true);
$mail->isSMTP();
$mail->Host = ${phpText(host)};
$mail->Port = ${endpoint.port};
$mail->SMTPSecure = ${PHP_SECURE[endpoint.encryption]};${automatic}${authority}
$mail->SMTPAuth = true;
$mail->Username = ${phpText(username)};
$mail->Password = getenv('SMTP_PASSWORD');
$mail->setFrom(${phpText(mailbox)});
$mail->addAddress(${phpText(mailbox)});
$mail->Subject = 'Test';
$mail->Body = 'This is a test.';
$mail->send();`;
}

const DOTNET_SECURITY: Readonly<Record<Encryption, string>> = {
  STARTTLS: "StartTls",
  TLS: "SslOnConnect",
  none: "None",
};

/** C#'s strings are JSON's. */
const DOTNET: Guide = {
  slug: "dotnet",
  name: ".NET",
  summary: "MailKit, which Microsoft recommends in the place of its own SmtpClient.",
  steps: ({ host, endpoint, username, mailbox }) => [
    {
      text: "Add the package to your project.",
      file: "Terminal",
      code: "dotnet add package MailKit",
    },
    SET_PASSWORD,
    {
      text: "Write the program, and start it with `dotnet run`.",
      file: "Program.cs",
      code: `using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

var message = new MimeMessage();
message.From.Add(MailboxAddress.Parse(${JSON.stringify(mailbox)}));
message.To.Add(MailboxAddress.Parse(${JSON.stringify(mailbox)}));
message.Subject = "Test";
message.Body = new TextPart("plain") { Text = "This is a test." };

using var client = new SmtpClient();
client.Connect(${JSON.stringify(host)}, ${endpoint.port}, SecureSocketOptions.${
        DOTNET_SECURITY[endpoint.encryption]
      });
client.Authenticate(${
        JSON.stringify(username)
      }, Environment.GetEnvironmentVariable("SMTP_PASSWORD"));
client.Send(message);
client.Disconnect(true);`,
    },
  ],
};

const GO: Guide = {
  slug: "go",
  name: "Go",
  summary: "The standard library alone.",
  steps: (values) => [
    SET_PASSWORD,
    {
      text: "Write the program, and start it with `go run send.go`.",
      file: "send.go",
      code: goProgram(values),
      ...(values.endpoint.encryption === "none" && {
        note: "Without encryption, the standard library sends no password but to this machine.",
      }),
    },
  ],
};

/** Lines that open a connection. */
const GO_CONNECTIONS: Readonly<Record<Encryption, string>> = {
  STARTTLS: `	client, err := smtp.Dial(address)
	check(err)
	check(client.StartTLS(config))`,
  TLS: `	connection, err := tls.Dial("tcp", address, config)
	check(err)
	client, err := smtp.NewClient(connection, host)
	check(err)`,
  none: `	client, err := smtp.Dial(address)
	check(err)`,
};

/** Go's strings are JSON's. */
function goProgram({ host, endpoint, username, mailbox, caFile }: GuideValues): string {
  const { port, encryption } = endpoint;
  const isEncrypted = encryption !== "none";
  const packages = [
    ...isEncrypted ? ["crypto/tls"] : [],
    ...isEncrypted && caFile ? ["crypto/x509"] : [],
    ...["log", "net/smtp", "os"],
  ];
  const config = `	config := &tls.Config{ServerName: host}\n`;
  const authority = `	authority, err := os.ReadFile(${JSON.stringify(caFile)})
	check(err)
	config.RootCAs = x509.NewCertPool()
	config.RootCAs.AppendCertsFromPEM(authority)\n`;
  return `package main

import (
${packages.map((name) => `	"${name}"`).join("\n")}
)

const host = ${JSON.stringify(host)}
const address = host + ":${port}"
const mailbox = ${JSON.stringify(mailbox)}
const message = "From: " + mailbox + "\\r\\nTo: " + mailbox + "\\r\\nSubject: Test\\r\\n\\r\\nThis is a test.\\r\\n"

func main() {
${isEncrypted ? config : ""}${isEncrypted && caFile ? authority : ""}${GO_CONNECTIONS[encryption]}
	check(client.Auth(smtp.PlainAuth("", ${
    JSON.stringify(username)
  }, os.Getenv("SMTP_PASSWORD"), host)))
	check(client.Mail(mailbox))
	check(client.Rcpt(mailbox))
	writer, err := client.Data()
	check(err)
	_, err = writer.Write([]byte(message))
	check(err)
	check(writer.Close())
	check(client.Quit())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}`;
}

/** Returns a literal of PowerShell, without variables. */
function powershellText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** System.Net.Mail knows STARTTLS alone. */
const POWERSHELL: Guide = {
  slug: "powershell",
  name: "PowerShell",
  summary: "A script, on Windows or elsewhere.",
  prefers: ["STARTTLS", "none"],
  steps: ({ host, endpoint, username, mailbox }) => [
    { text: SET_PASSWORD_TEXT, ...BY_POWERSHELL },
    {
      text: "Write the script, and start it with `./send.ps1`.",
      file: "send.ps1",
      code: `$client = [System.Net.Mail.SmtpClient]::new(${powershellText(host)}, ${endpoint.port})
$client.EnableSsl = $${endpoint.encryption !== "none"}
$client.Credentials = [System.Net.NetworkCredential]::new(${
        powershellText(username)
      }, $env:SMTP_PASSWORD)
$client.Send(${powershellText(mailbox)}, ${powershellText(mailbox)}, 'Test', 'This is a test.')`,
      note: "Send-MailMessage works as well, but Microsoft calls it obsolete.",
    },
  ],
};

const ANY_PROGRAM: Guide = {
  slug: "any-program",
  name: "Any other program",
  summary: "What to enter where nothing else fits.",
  steps: (values) => [
    {
      text:
        "Look for “SMTP”, “outgoing mail server” or “e-mail” in the settings. Where a provider has to be chosen, choose " +
        "“custom” or “other”, not Microsoft or Outlook: those want to sign in to Microsoft directly.",
      fields: commonFields(values),
    },
    {
      text:
        "Choose “normal password”, PLAIN or LOGIN as the kind of login; not OAuth2, NTLM or CRAM-MD5.",
    },
    {
      text: "Enter your address as the sender. Microsoft takes no other.",
      fields: [["Sender", values.mailbox]],
      note:
        "A program that cannot set its sender needs an app password that always sends as your mailbox: choose that on your " +
        "account page.",
    },
    { text: "Send a test message. Refused logins are on your activity page, with their cause." },
  ],
};

export const PROGRAMMING: readonly Guide[] = [
  PYTHON,
  NODEMAILER,
  PHP,
  GO,
  DOTNET,
  POWERSHELL,
  ANY_PROGRAM,
];
