/**
 * A mail client in lock-step, as Python's smtplib is one, with a message made beforehand: it costs as little as a client can.
 *
 * @module
 */
import { SmtpClient } from "../tools/smtp_client.ts";

/** How to reach a server and log in. */
export interface ServerAccess {
  readonly host: string;
  readonly port: number;
  readonly tls: "none" | "implicit" | "starttls";
  readonly mechanism: "PLAIN" | "XOAUTH2";
}

/** Whom a client sends as. */
export interface Credentials {
  readonly username: string;
  /** App password, or access token. */
  readonly password: string;
}

/** How messages are sent. */
export interface MessageStyle {
  readonly form: "data" | "bdat";
  /** Whether MAIL, RCPT and DATA go in one packet. */
  readonly pipelined: boolean;
}

const RECIPIENT = "somebody@recipient.test";

const encoder = new TextEncoder();

/** Connects and logs in. @throws if the server refuses anything. */
export async function openClient(
  { host, port, tls, mechanism }: ServerAccess,
  credentials: Credentials,
): Promise<SmtpClient> {
  const client = await SmtpClient.connect({ host, port, implicitTls: tls === "implicit" });
  await (tls === "starttls" ? client.startTls() : client.hello());
  const reply = await client.authenticate({ ...credentials, mechanism });
  if (!reply.startsWith("235")) throw new Error(`${reply} instead of 235`);
  return client;
}

/**
 * Sends a message.
 *
 * @param message Made by {@linkcode encodeMessage}.
 * @throws if the server refuses anything.
 */
export async function sendMessage(
  client: SmtpClient,
  sender: string,
  message: Uint8Array,
  { form, pipelined }: MessageStyle,
): Promise<void> {
  const commands = [
    `MAIL FROM:<${sender}>\r\n`,
    `RCPT TO:<${RECIPIENT}>\r\n`,
    ...(form === "data" ? ["DATA\r\n"] : []),
  ];
  if (pipelined) await client.write(commands.join(""));
  for (const command of commands) {
    if (!pipelined) await client.write(command);
    await client.expect(command.startsWith("DATA") ? "354" : "250");
  }
  await client.write(message);
  await client.expect("250");
}

const HEADER = "From: <sender@sender.test>\r\nTo: <somebody@recipient.test>\r\nSubject: bench\r\n" +
  "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n";
/** A line of an attachment in base64, 76 characters (RFC 2045 section 6.8). */
const LINE =
  "UmFuZG9tIG9jdGV0cyBvZiBhbiBhdHRhY2htZW50IHRoYXQgbm9ib2R5IGV2ZXIgbG9va3MgYXQu".slice(0, 76) +
  "\r\n";

/** A message of about the size, together with what goes around it on the wire. */
export function encodeMessage(sizeOctets: number, form: MessageStyle["form"]): Uint8Array {
  const lineCount = Math.max(1, Math.round((sizeOctets - HEADER.length) / LINE.length));
  const message = HEADER + LINE.repeat(lineCount);
  return encoder.encode(
    form === "data" ? `${message}.\r\n` : `BDAT ${message.length} LAST\r\n${message}`,
  );
}
