/**
 * The header of a message, split into fields and made unambiguous.
 *
 * A header that can be read in two ways is dangerous: others must see what is checked here. So the few things that programs
 * are known to read differently are repaired (RFC 7103 section 7), each with as few octets as possible.
 *
 * @module
 */

/** A field of a header. */
export interface Field {
  /** In lower case. */
  readonly name: string;
  /** All its octets including the last line end, one character each. */
  readonly text: string;
}

/**
 * An ambiguity that was repaired:
 *
 * - `byte order mark`: removed from the front, where it would be part of the first field's name (RFC 3629 section 6);
 * - `line end`: a bare LF became CR LF (for Microsoft it ends a line), a bare CR a space, a missing last line end was added;
 * - `colon`: white space between the name of a field and its colon was removed;
 * - `mailbox line`: a line of an mbox file (`From anna@example.com Mon Jan  1 …`) became the field X-Mailbox-Line;
 * - `stray line`: a line that is no field became the continuation of the field before it, or X-Mailbox-Line if it is the
 *   first;
 * - `empty line`: the empty line between header and body was missing, and was added.
 */
export type HeaderRepair =
  | "byte order mark"
  | "line end"
  | "colon"
  | "mailbox line"
  | "stray line"
  | "empty line";

/** A parsed header. */
export interface Header {
  readonly fields: readonly Field[];
  /** The line between the fields and the body; empty if the message ends with its header. */
  readonly separator: "\r\n" | "";
  /** Index of the first octet of the body. */
  readonly bodyStart: number;
  /** Each kind once. */
  readonly repairs: readonly HeaderRepair[];
  /** Set if it is too long to be read. Then there are no fields, and all of it counts as body. */
  readonly unread?: true;
}

const BYTE_ORDER_MARK = "\xef\xbb\xbf";
/** At the end of a message, the LF can be missing. */
const EMPTY_LINE = /^(?:\r*\n|\r+)$/;
/** With the white space that RFC 5322 section 4.5 allows before the colon. */
const FIELD = /^([!-9;-~]+)[ \t]*:/;
const CONTINUATION = /^[ \t]/;
/** RFC 4155 appendix A. Some programs add the `>` to hide the line from others. */
const MAILBOX_LINE = /^>*From +[^ \t\r\n]+ +[A-Z][a-z]{2} +[A-Z][a-z]{2} +\d{1,2} +\d\d:\d\d/;
const MIME_FIELD = /^(?:mime-version|content-(?:type|transfer-encoding))[ \t]*:/i;

/**
 * Parses the header of a message; undefined if it does not end in the text.
 *
 * @param text The start of a message, one character for each octet.
 * @param whole Whether this is the whole message.
 */
export function parseHeader(text: string, whole: boolean): Header | undefined {
  const repairs = new Set<HeaderRepair>();
  const start = beginsWithMark(text) ? BYTE_ORDER_MARK.length : 0;
  if (start > 0) repairs.add("byte order mark");
  const received = linesOf(text.slice(start), whole);
  const lines = received.map(withLineEnd);
  const ended = lines.at(-1) === "\r\n";
  const bodyLine = misplacedBody(lines, ended);
  if (bodyLine === undefined && !ended && !whole) return undefined;
  if (bodyLine !== undefined) repairs.add("empty line");
  const used = received.slice(0, bodyLine).join("");
  const header = lines.slice(0, bodyLine);
  if (used !== header.join("")) repairs.add("line end");
  return {
    fields: fieldsOf(ended && bodyLine === undefined ? header.slice(0, -1) : header, repairs),
    separator: ended || bodyLine !== undefined ? "\r\n" : "",
    bodyStart: start + used.length,
    repairs: [...repairs],
  };
}

function beginsWithMark(text: string): boolean {
  if (!text.startsWith(BYTE_ORDER_MARK)) return false;
  const rest = text.slice(BYTE_ORDER_MARK.length);
  return FIELD.test(rest) || MAILBOX_LINE.test(rest);
}

/** Returns the lines up to the end or the empty line, which is included; without a line that may continue after the text. */
function linesOf(text: string, whole: boolean): string[] {
  const lines: string[] = [];
  for (let from = 0; from < text.length;) {
    const lf = text.indexOf("\n", from);
    if (lf < 0 && !whole) break;
    const line = text.slice(from, lf < 0 ? text.length : lf + 1);
    lines.push(line);
    if (EMPTY_LINE.test(line)) break;
    from += line.length;
  }
  return lines;
}

/** Returns a line with CR LF alone. Some programs end a line at a bare LF or CR, others do not. */
function withLineEnd(line: string): string {
  if (line.endsWith("\r\n") && line.indexOf("\r") === line.length - 2) return line;
  let end = line.endsWith("\n") ? line.length - 1 : line.length;
  while (line[end - 1] === "\r") end--;
  return `${line.slice(0, end).replaceAll("\r", " ")}\r\n`;
}

/**
 * Returns the index of the line that begins the body without an empty line before it: the first one that is not part of a
 * field. Postfix, Exim and Python do the same, since a sender that forgot the empty line meant it as text. But if MIME fields
 * follow, up to an empty line, it is part of a broken field, as in a subject with a line end in it (RFC 7103 section 7.2),
 * and the message could not be read if its MIME fields were text.
 */
function misplacedBody(lines: readonly string[], ended: boolean): number | undefined {
  const stray = (ended ? lines.slice(0, -1) : lines).findIndex(isStray);
  const goesOn = ended && lines.slice(stray).some((line) => MIME_FIELD.test(line));
  return stray < 0 || goesOn ? undefined : stray;
}

/** Whether a line is not part of a field. */
function isStray(line: string, index: number): boolean {
  return !FIELD.test(line) && !MAILBOX_LINE.test(line) && (index === 0 || !CONTINUATION.test(line));
}

function fieldsOf(lines: readonly string[], repairs: Set<HeaderRepair>): Field[] {
  const fields: { name: string; text: string }[] = [];
  for (const line of lines) {
    const name = FIELD.exec(line)?.[1]?.toLowerCase();
    if (name !== undefined) {
      const colon = line.indexOf(":");
      if (colon > name.length) repairs.add("colon");
      fields.push({ name, text: line.slice(0, name.length) + line.slice(colon) });
    } else if (MAILBOX_LINE.test(line) || fields.length === 0) {
      repairs.add(MAILBOX_LINE.test(line) ? "mailbox line" : "stray line");
      fields.push({ name: "x-mailbox-line", text: `X-Mailbox-Line: ${line}` });
    } else if (CONTINUATION.test(line)) fields.at(-1)!.text += line;
    else {
      repairs.add("stray line");
      fields.at(-1)!.text += ` ${line}`;
    }
  }
  return fields;
}
