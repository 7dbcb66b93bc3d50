/**
 * Answers of the server itself, without a page.
 *
 * @module
 */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { SECURITY_HEADERS } from "./security_headers.ts";

/** By node:http's code of the error; anything else is 400. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Returns an answer after which the connection is closed. */
export function refusal(status: number): Response {
  return new Response(STATUS_CODES[status], { status, headers: headers() });
}

/**
 * Answers on a connection on which no request came about, and closes it. Further errors change nothing: closing while the
 * client sends would take the answer from it.
 */
export function refuseConnection(
  socket: Socket,
  error: Error & { code?: string },
  lingerMs: number,
): void {
  if (socket.writableEnded) return;
  if (!socket.writable || socket.bytesRead === 0) return void socket.destroy();
  socket.end(answerText(STATUS_BY_CODE[error.code ?? ""] ?? 400));
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("end", () => socket.destroy());
  socket.once("close", () => clearTimeout(timer));
}

/** Answers 429 in the place of all answers, and closes the connection at once. */
export function refuseFlood(socket: Socket): void {
  if (socket.writableEnded) return;
  socket.end(answerText(429));
  socket.destroySoon();
}

function answerText(status: number): string {
  const text = STATUS_CODES[status] ?? "";
  const lines = Object.entries({ ...headers(), "content-length": String(text.length) })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${text}\r\n${lines.join("")}\r\n${text}`;
}

/** Discards what a client sends of a request that was refused. Resolves at the end of it, or when the time is over. */
export async function discardRest(message: IncomingMessage, lingerMs: number): Promise<void> {
  if (message.complete || message.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, lingerMs);
  message.on("end", resolve).on("close", resolve).resume();
  await promise;
  clearTimeout(timer);
}

function headers(): Record<string, string> {
  return {
    ...SECURITY_HEADERS,
    "cache-control": "no-store",
    "content-type": "text/plain; charset=utf-8",
    "connection": "close",
  };
}
