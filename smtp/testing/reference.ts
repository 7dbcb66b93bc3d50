/**
 * A slow and simple scanner of messages, to compare with the real one.
 *
 * @module
 */

/** The result of a scan. */
export interface ReferenceScan {
  /** Index behind the line with the single dot; undefined if there is none. */
  readonly end: number | undefined;
  /** The message, with stuffed dots removed and CR LF for each bare LF. */
  readonly content: string;
  /** The reply code of the first fault. */
  readonly fault: number | undefined;
}

/** Scans octets, given as a string of one character each, as message data after DATA. */
export function referenceScan(data: string): ReferenceScan {
  let content = "";
  let fault: number | undefined;
  for (let i = 0; i < data.length; i++) {
    const afterCrLf = i === 0 || i >= 2 && data.slice(i - 2, i) === "\r\n";
    const atLineStart = afterCrLf || data[i - 1] === "\n";
    if (afterCrLf && data.startsWith(".\r\n", i)) return { end: i + 3, content, fault };
    const isLoneDot = /^\.\r?\n/.test(data.slice(i, i + 3));
    if (data[i] === "\r" && data[i + 1] !== "\n") fault ??= 550;
    if (data[i] === "\0") fault ??= 554;
    if (data[i] === "\n" && data[i - 1] !== "\r") content += "\r";
    if (!(atLineStart && data[i] === "." && !isLoneDot)) content += data[i];
  }
  return { end: undefined, content, fault };
}

/** Doubles each dot that begins a line (RFC 5321 section 4.5.2). */
export function stuff(message: string): string {
  return message.split("\r\n").map((line) => line.startsWith(".") ? `.${line}` : line).join("\r\n");
}
