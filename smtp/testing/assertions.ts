/**
 * Assertions that many tests of the SMTP core share.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Reply } from "../protocol/reply.ts";
import { SmtpError } from "../protocol/failure.ts";

export { latin1 as text, octetsOf as octets } from "../protocol/octets.ts";

/** Asserts that a reply begins with a text such as `550 5.1.1`. */
export function assertReply(reply: Reply, start: string): void {
  assert(reply.toString().startsWith(start), `expected ${start} …, got ${reply}`);
}

/** Asserts that a function throws an {@linkcode SmtpError}, and checks its reply as {@linkcode assertReply} does. */
export function assertThrowsReply(work: () => unknown, start: string): SmtpError {
  try {
    work();
  } catch (error) {
    return checkError(error, start);
  }
  assert.fail(`expected ${start} …, and nothing was thrown`);
}

/** Does the same as {@linkcode assertThrowsReply} for a promise. */
export async function assertRejectsReply(
  work: Promise<unknown>,
  start: string,
): Promise<SmtpError> {
  try {
    await work;
  } catch (error) {
    return checkError(error, start);
  }
  assert.fail(`expected ${start} …, and nothing was thrown`);
}

function checkError(error: unknown, start: string): SmtpError {
  assert(error instanceof SmtpError, `expected ${start} …, got ${error}`);
  assertReply(error.reply, start);
  return error;
}
