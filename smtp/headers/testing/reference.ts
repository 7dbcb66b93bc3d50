/**
 * A slow and simple parser of headers, to compare with the real one.
 *
 * @module
 */

/** A parsed message. */
export interface ReferenceMessage {
  /** Name in lower case and value of each field. A mailbox line has the name X-Mailbox-Line. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** One character for each octet. */
  readonly body: string;
}

const FIELD = /^([\x21-\x39\x3b-\x7e]+)[ \t]*:([^]*)/;
const MAILBOX_LINE =
  /^>*From +[^ \t\r\n]+ +[A-Z][a-z][a-z] +[A-Z][a-z][a-z] +[0-9][0-9]? +[0-9][0-9]:[0-9][0-9]/;
const MIME = /^(mime-version|content-type|content-transfer-encoding)[ \t]*:/i;

/** Parses a message, one character for each octet. */
export function referenceRead(message: string): ReferenceMessage {
  const marked = message.startsWith("\xef\xbb\xbf") ? message.slice(3) : message;
  const [first = ""] = marked.split("\n");
  const text = FIELD.test(first) || MAILBOX_LINE.test(marked) ? marked : message;
  const lines = text.split(/(?<=\n)/).filter((line) => line !== "");
  const empty = lines.findIndex((line) => /^\r*\n$/.test(line) || /^\r+$/.test(line));
  const above = lines.slice(0, empty < 0 ? undefined : empty).map(withSpaces);
  const stray = above.findIndex((line, index) => !belongs(line, index));
  if (stray >= 0 && (empty < 0 || !above.slice(stray).some((line) => MIME.test(line)))) {
    return { fields: fieldsOf(above.slice(0, stray)), body: lines.slice(stray).join("") };
  }
  return { fields: fieldsOf(above), body: empty < 0 ? "" : lines.slice(empty + 1).join("") };
}

/** A CR is white space unless it belongs to the line end. */
function withSpaces(line: string): string {
  const [, text = "", end = ""] = /^([^]*?)(\r*\n?)$/.exec(line)!;
  return text.replace(/\r/g, " ") + end;
}

function belongs(line: string, index: number): boolean {
  return FIELD.test(line) || MAILBOX_LINE.test(line) || (index > 0 && /^[ \t]/.test(line));
}

function fieldsOf(lines: readonly string[]): [string, string][] {
  const fields: [string, string][] = [];
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name !== undefined) fields.push([name.toLowerCase(), value!]);
    else if (MAILBOX_LINE.test(line) || fields.length === 0) fields.push(["x-mailbox-line", line]);
    else fields.at(-1)![1] += line;
  }
  return fields;
}
