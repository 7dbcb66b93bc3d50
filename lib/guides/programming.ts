/**
 * Guides for programmers.
 *
 * @module
 */
import { type Guide, type GuideStep, type GuideValues, PASSWORD_PLACEHOLDER } from "./guide.ts";

/** The password stays out of the program. */
const SET_PASSWORD: GuideStep = {
  text: "Put the app password into the environment variable `SMTP_PASSWORD`.",
  alternatives: [
    {
      name: "Linux and macOS",
      text: "",
      file: "Terminal",
      code: `export SMTP_PASSWORD='${PASSWORD_PLACEHOLDER}'`,
    },
    {
      name: "Windows",
      text: "",
      file: "PowerShell",
      code: `$env:SMTP_PASSWORD = '${PASSWORD_PLACEHOLDER}'`,
    },
  ],
};

const PYTHON: Guide = {
  slug: "python",
  name: "Python",
  summary: "smtplib of the standard library.",
  steps: (values: GuideValues) => [
    SET_PASSWORD,
    {
      text: "Write the program, and start it with `python3 send.py`.",
      file: "send.py",
      code: pythonProgram(values),
    },
  ],
};

/** JSON's strings are Python's, too. */
function pythonProgram({ host, endpoint, username, mailbox }: GuideValues): string {
  const server = endpoint.encryption === "TLS" ? "SMTP_SSL" : "SMTP";
  const startTls = endpoint.encryption === "STARTTLS"
    ? "\n    server.starttls(context=ssl.create_default_context())"
    : "";
  return `import os
import smtplib
import ssl
from email.message import EmailMessage

message = EmailMessage()
message["From"] = ${JSON.stringify(mailbox)}
message["To"] = ${JSON.stringify(mailbox)}
message["Subject"] = "Test"
message.set_content("This is a test.")

with smtplib.${server}(${JSON.stringify(host)}, ${endpoint.port}) as server:${startTls}
    server.login(${JSON.stringify(username)}, os.environ["SMTP_PASSWORD"])
    server.send_message(message)`;
}

const NODEMAILER: Guide = {
  slug: "nodemailer",
  name: "Nodemailer",
  summary: "For Node.js, Deno and Bun.",
  needs: "Nodemailer has to be installed: `npm install nodemailer`.",
  steps: ({ host, endpoint, username, mailbox }: GuideValues) => [
    SET_PASSWORD,
    {
      text: "Write the program, and start it with `node send.mjs`.",
      file: "send.mjs",
      code: `import nodemailer from "nodemailer";

const transport = nodemailer.createTransport({
  host: ${JSON.stringify(host)},
  port: ${endpoint.port},
  secure: ${endpoint.encryption === "TLS"},${
        endpoint.encryption === "STARTTLS" ? "\n  requireTLS: true," : ""
      }
  auth: { user: ${JSON.stringify(username)}, pass: process.env.SMTP_PASSWORD },
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

export const PROGRAMMING: readonly Guide[] = [PYTHON, NODEMAILER];
