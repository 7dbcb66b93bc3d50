/**
 * SMTP replies (RFC 5321 section 4.2) with enhanced status codes (RFC 3463, RFC 2034).
 *
 * @module
 */

/** Longest reply line, with its code and CRLF (RFC 5321 section 4.5.3.1.5). */
const REPLY_LINE_LIMIT_OCTETS = 512;

/** Most lines in one reply. Microsoft's reply to EHLO has about ten. */
export const REPLY_LINES_LIMIT = 64;

const encoder = new TextEncoder();
/** Enhanced codes at the beginning of a line; some servers repeat them. */
const ENHANCED_CODES = /^(?: *[245]\.\d{1,3}\.\d{1,3}(?= |$))+/;

/** A reply: a code, an enhanced status code where it has one, and lines of text. */
export class Reply {
  readonly lines: readonly string[];
  #octets: Uint8Array | undefined;
  #cause: unknown;

  /**
   * @param code Three digits, 200 to 599.
   * @param enhanced Like `2.1.0`; undefined for the greeting, EHLO, HELO and 3yz (RFC 2034 section 4).
   * @param lines Printable text; {@linkcode sanitise} text from elsewhere. At least one line is sent.
   */
  constructor(readonly code: number, readonly enhanced: string | undefined, ...lines: string[]) {
    this.lines = lines.length === 0 ? [""] : lines;
  }

  /** 2yz: done. */
  get positive(): boolean {
    return this.code < 300;
  }

  /** 3yz: go on with the data or the next step. */
  get intermediate(): boolean {
    return this.code >= 300 && this.code < 400;
  }

  /** 4yz: may work later. */
  get transient(): boolean {
    return this.code >= 400 && this.code < 500;
  }

  /** The lines joined, for logs and pages. */
  get text(): string {
    return this.lines.join(" ");
  }

  /** Why it was given, for observers only; undefined if the reply says everything. */
  get cause(): unknown {
    return this.#cause;
  }

  /** Returns the same reply with a cause. */
  because(cause: unknown): Reply {
    const reply = new Reply(this.code, this.enhanced, ...this.lines);
    reply.#cause = cause;
    return reply;
  }

  /** The encoded reply. It is encoded once, so constant replies cost nothing. */
  get octets(): Uint8Array {
    return this.#octets ??= encoder.encode(formatReply(this));
  }

  /** Returns the reply as one line for people: `550 5.7.1 Not allowed`. */
  toString(): string {
    const enhanced = this.enhanced === undefined ? "" : `${this.enhanced} `;
    return `${this.code} ${enhanced}${this.text}`;
  }
}

/** A reply of the upstream, as opposed to one of ours. */
export class UpstreamReply extends Reply {}

function formatReply(reply: Reply): string {
  const enhanced = reply.enhanced === undefined ? "" : `${reply.enhanced} `;
  const room = REPLY_LINE_LIMIT_OCTETS - "250 \r\n".length - enhanced.length;
  const last = reply.lines.length - 1;
  return reply.lines
    .map((line, index) =>
      `${reply.code}${index === last ? " " : "-"}${enhanced}${line.slice(0, room)}\r\n`
    )
    .join("");
}

const UNSAFE = /[^\x20-\x7e]/;

/** Returns text that is safe for a reply or a log: every character that is not printable ASCII becomes `?`. */
export function sanitise(text: string): string {
  return (UNSAFE.test(text) ? text.replaceAll("\t", " ").replace(/[^\x20-\x7e]/g, "?") : text)
    .trim();
}

/** A peer's reply that does not follow RFC 5321 section 4.2. */
export class ReplySyntaxError extends Error {
  override readonly name = "ReplySyntaxError";
}

/** One line of a reply. */
export interface ReplyLine {
  readonly code: number;
  readonly text: string;
  /** Whether more lines follow: a hyphen after the code. */
  readonly more: boolean;
}

/**
 * Parses one line of a peer's reply, given without its CRLF.
 *
 * @throws {ReplySyntaxError} when the line has no code between 200 and 599 or no separator.
 */
export function parseReplyLine(line: string): ReplyLine {
  const parts = /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line);
  if (parts === null) throw new ReplySyntaxError(`not a reply: ${sanitise(line.slice(0, 80))}`);
  return { code: Number(parts[1]), more: parts[2] === "-", text: parts[3] ?? "" };
}

/**
 * Joins the lines of one reply. Removes the enhanced codes of all lines, and keeps the first that is of the reply's own class
 * (RFC 2034 section 4). Sanitises the text.
 *
 * @throws {ReplySyntaxError} when the lines have different codes, which RFC 5321 section 4.2.1 forbids.
 */
export function joinReplyLines(lines: readonly ReplyLine[]): UpstreamReply {
  const code = lines[0]!.code;
  if (lines.some((line) => line.code !== code)) {
    throw new ReplySyntaxError(`codes differ within one reply: ${lines.map((line) => line.code)}`);
  }
  let enhanced: string | undefined;
  const texts = lines.map(({ text }) => {
    const codes = ENHANCED_CODES.exec(text)?.[0] ?? "";
    enhanced ??= codes.split(" ").find((found) => isOfClass(found, code));
    return sanitise(text.slice(codes.length));
  });
  return new UpstreamReply(code, enhanced, ...texts);
}

/** Whether an enhanced code is of a reply code's class (RFC 2034 section 4). */
export function isOfClass(enhanced: string, code: number): boolean {
  return enhanced[0] === String(code)[0];
}
