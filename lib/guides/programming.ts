/**
 * Guides for programmers.
 *
 * @module
 */
import type { Guide, GuideValues } from "./guide.ts";

const PYTHON: Guide = {
  slug: "python",
  name: "Python",
  summary: "smtplib of the standard library.",
  steps: (values: GuideValues) => [
    {
      text: "Put the app password into the environment variable SMTP_PASSWORD, and send.",
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
  steps: ({ host, endpoint, username, mailbox, caFile }: GuideValues) => [
    {
      text: "Put the app password into the environment variable SMTP_PASSWORD, and send.",
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

export const PROGRAMMING: readonly Guide[] = [PYTHON, NODEMAILER];
