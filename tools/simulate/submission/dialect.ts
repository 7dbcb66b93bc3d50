/**
 * The differences between Microsoft's submission servers and npm's smtp-server: announcements, texts of replies, and the
 * strictness about EHLO.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { isIP } from "node:net";
import { SMTPServer, type SMTPServerAddress } from "smtp-server";
import { ChunkReceiver, type Connection } from "./chunking.ts";

/** A text with an enhanced status code of its own (RFC 2034 section 4). */
const WITH_ENHANCED_CODE = /^[245]\.\d{1,3}\.\d{1,3} /;

/** Microsoft's texts for replies of the package. */
const WORDS: Readonly<Record<string, string>> = {
  "Error: invalid userdata": "5.5.124 Invalid XOAUTH2 auth data",
  "Error: Unrecognized authentication type": "5.7.4 Unrecognized authentication type",
  "Error: Username and Password not accepted": "5.7.3 Authentication unsuccessful",
};

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** A server that speaks like Microsoft's. */
export class MicrosoftSmtpServer extends SMTPServer {
  /** Whether CHUNKING and BINARYMIME (RFC 3030) are offered. */
  takesChunks = true;

  override connect(...args: Parameters<SMTPServer["connect"]>): void {
    super.connect(...args);
    const connection = [...this.connections].at(-1)!;
    Object.assign(connection, this.#dialect(connection));
    if (!this.takesChunks) return;
    Object.assign(connection, new ChunkReceiver(this, connection).overrides());
  }

  /** Returns the changed members of a connection. */
  #dialect(connection: Connection) {
    const { takesChunks } = this;
    const { send, handler_EHLO: ehlo, _validateMailParams: validate } = connection;
    return {
      send(code: number, text?: string | string[] | null, context?: string | false) {
        // Only the reply to EHLO has several lines.
        if (Array.isArray(text)) {
          const more = takesChunks ? ["BINARYMIME", "CHUNKING"] : [];
          return send.call(connection, code, [...text, ...more], context);
        }
        const words = WORDS[text ?? ""] ?? text;
        const isWhole = WITH_ENHANCED_CODE.test(words ?? "");
        send.call(connection, code, words, isWhole ? false : context);
      },
      handler_EHLO(command: Buffer, next: () => void) {
        const [, name = "", ...rest] = command.toString().trim().split(/\s+/);
        if (rest.length === 0 && isHostName(name)) return ehlo.call(connection, command, next);
        connection.send(501, "5.5.4 Invalid domain name");
        next();
      },
      _validateMailParams(address: SMTPServerAddress) {
        const { args } = address;
        const isBinary = args && String(args.BODY).toUpperCase() === "BINARYMIME";
        if (!isBinary || !takesChunks) return validate.call(connection, address);
        const { BODY: _known, ...others } = args;
        return validate.call(connection, { ...address, args: others });
      },
    };
  }
}

/** Whether a text is a domain or an address literal (RFC 5321 section 4.1.3). */
function isHostName(name: string): boolean {
  const [, literal] = /^\[(?:IPv6:)?(.+)\]$/i.exec(name) ?? [];
  if (literal !== undefined) return isIP(literal) !== 0;
  return name.split(".").every((label) => LABEL.test(label));
}
