/**
 * Web-standard responses on their way through node:http.
 *
 * @module
 */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { type HttpLimits, PIECE_OCTETS } from "./limits.ts";

/** The part of a request that its response depends on. */
export interface Asked {
  readonly method: string;
  readonly headers: Headers;
}

const STREAMED = /^text\/event-stream\b/;
const COMPRESSIBLE = /^(text\/|image\/svg\+xml|application\/([\w.-]+\+)?(json|xml|javascript))/;
/** Less gains nothing. */
const MIN_COMPRESSED_OCTETS = 512;
/** Most of the gain for a third of the time. */
const COMPRESSION_LEVEL = 4;

/** Sends a response. Resolves when the client has it, or has gone. A client that does not read is left. */
export async function sendResponse(
  answer: ServerResponse,
  response: Response,
  asked: Asked,
  limits: Pick<HttpLimits, "stallMs">,
): Promise<void> {
  const gone = Promise.withResolvers<void>();
  answer.once("close", gone.resolve);
  const progress = (event: "drain" | "finish") =>
    progressed(answer, event, gone.promise, limits.stallMs);
  const write: Write = async (piece) =>
    !answer.destroyed && (answer.write(piece) || await progress("drain"));
  const isStream = STREAMED.test(response.headers.get("content-type") ?? "");
  if (isStream && response.body && asked.method !== "HEAD") {
    writeHead(answer, response, response.headers);
    answer.flushHeaders();
    await sendStream(response.body, write, gone.promise);
  } else {
    await sendWhole(answer, response, asked, write);
  }
  if (answer.destroyed) return;
  answer.end();
  if (!answer.writableFinished) await progress("finish");
}

/** Whether the client still takes what it is sent. */
type Write = (piece: Uint8Array) => Promise<boolean>;

async function sendStream(
  body: ReadableStream<Uint8Array>,
  write: Write,
  gone: Promise<void>,
): Promise<void> {
  const reader = body.getReader();
  // The source is told at once, even if it has nothing to send.
  void gone.then(() => reader.cancel()).catch(() => {}); // It has failed by itself, which the loop sees.
  for (;;) {
    const { value, done } = await reader.read();
    if (done || !await write(value)) return await reader.cancel();
  }
}

async function sendWhole(
  answer: ServerResponse,
  response: Response,
  asked: Asked,
  write: Write,
): Promise<void> {
  const { headers, octets } = compressed(response, asked, await response.bytes());
  if (!BODILESS.has(response.status)) headers.set("content-length", String(octets.length));
  writeHead(answer, response, headers);
  if (asked.method === "HEAD") return;
  for (let at = 0; at < octets.length; at += PIECE_OCTETS) {
    if (!await write(octets.subarray(at, at + PIECE_OCTETS))) return;
  }
}

/** RFC 9110 section 8.6. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

function writeHead(answer: ServerResponse, { status }: Response, headers: Headers): void {
  const cookies = headers.getSetCookie();
  const others = [...headers].filter(([name]) => name !== "set-cookie");
  for (const [name, value] of others) answer.setHeader(name, value);
  if (cookies.length > 0) answer.setHeader("set-cookie", cookies);
  answer.writeHead(status);
}

/** Waits until the client has taken what was written; false if it has gone. One that takes nothing for too long is cut off. */
async function progressed(
  answer: ServerResponse,
  event: "drain" | "finish",
  gone: Promise<void>,
  stallMs: number,
): Promise<boolean> {
  const timer = setTimeout(() => answer.destroy(), stallMs);
  await Promise.race([once(answer, event), gone]);
  clearTimeout(timer);
  return !answer.destroyed;
}

function compressed(
  { headers: given, status }: Response,
  { headers: asked }: Asked,
  octets: Uint8Array,
): { headers: Headers; octets: Uint8Array } {
  const headers = new Headers(given);
  const fit = status === 200 && octets.length >= MIN_COMPRESSED_OCTETS &&
    COMPRESSIBLE.test(headers.get("content-type") ?? "") &&
    !headers.has("content-encoding") && !/no-transform/.test(headers.get("cache-control") ?? "");
  if (!fit) return { headers, octets };
  headers.append("vary", "accept-encoding");
  if (!acceptsGzip(asked.get("accept-encoding") ?? "")) return { headers, octets };
  headers.set("content-encoding", "gzip");
  const etag = headers.get("etag");
  // RFC 9110 section 8.8.1: the octets differ, the meaning does not.
  if (etag?.startsWith('"')) headers.set("etag", `W/${etag}`);
  return { headers, octets: gzipSync(octets, { level: COMPRESSION_LEVEL }) };
}

function acceptsGzip(accepted: string): boolean {
  return accepted.split(",").some((one) =>
    /^\s*(gzip|\*)\s*(;\s*q=(1|0?\.\d*[1-9]).*)?$/i.test(one)
  );
}
