/**
 * The message that shows that a mailbox can send.
 *
 * @module
 */

/** A test message in parts. */
export interface TestMessage {
  /** The address of the mailbox. */
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** Lines of ASCII, none of which begins with a dot. */
  readonly text: readonly string[];
}

/** Returns the lines of a message (RFC 5322). No line begins with a dot, so none has to be dot-stuffed. */
export function testMessageLines(
  { from, to, subject, text }: TestMessage,
  nowMs: number,
): readonly string[] {
  return [
    `Date: ${new Date(nowMs).toUTCString().replace("GMT", "+0000")}`,
    `From: <${from}>`,
    `To: <${to}>`,
    `Message-ID: <${crypto.randomUUID()}${from.slice(from.lastIndexOf("@"))}>`,
    `Subject: ${subject}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=us-ascii",
    "",
    ...text,
  ];
}
