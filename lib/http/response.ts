/**
 * Web-standard responses on their way through node:http.
 *
 * @module
 */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { type HttpLimits, PIECE_OCTETS } from "./limits.ts";

/** The part of a request that its response depends on. */
interface RequestHead {
  readonly method: string;
  /** `Accept-Encoding` (RFC 9110 section 12.5.3). */
  readonly acceptEncoding: string;
}

/** Media types that are sent while they are made; anything else is whole before it is sent. */
const STREAMED = /^text\/(event-stream|csv)\b/;
/** Events have to arrive one by one. */
const EVENTS = /^text\/event-stream\b/;
const COMPRESSIBLE = /^(text\/|image\/svg\+xml|application\/([\w.-]+\+)?(json|xml|javascript))/;
/** Less gains nothing. */
const MIN_COMPRESSED_OCTETS = 512;
/** Most of the gain for a third of the time. Brotli makes a page a tenth smaller than gzip does. */
const COMPRESSION_LEVEL = 4;

/** Content codings by their names (RFC 9110 section 8.4.1, RFC 7932), the preferred one first. */
const CODINGS = {
  br: (octets: Uint8Array) =>
    brotliCompressSync(octets, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: COMPRESSION_LEVEL,
        [constants.BROTLI_PARAM_SIZE_HINT]: octets.length,
      },
    }),
  gzip: (octets: Uint8Array) => gzipSync(octets, { level: COMPRESSION_LEVEL }),
} as const;
const NAMES = Object.keys(CODINGS) as (keyof typeof CODINGS)[];

/**
 * Sends a response. Resolves when the client has it, or has gone. A client that does not read is left.
 *
 * @param beforeEnd Waited for when all is written: a connection that closes with the answer closes after it.
 */
export async function sendResponse(
  answer: ServerResponse,
  response: Response,
  request: RequestHead,
  limits: Pick<HttpLimits, "stallMs">,
  beforeEnd?: () => Promise<void>,
): Promise<void> {
  const gone = Promise.withResolvers<void>();
  answer.once("close", gone.resolve);
  const progress = (event: "drain" | "finish") =>
    progressed(answer, event, gone.promise, limits.stallMs);
  const write: Write = async (piece) =>
    !answer.destroyed && (answer.write(piece) || await progress("drain"));
  const isStream = STREAMED.test(response.headers.get("content-type") ?? "");
  if (isStream && response.body && request.method !== "HEAD") {
    const { headers, body } = compressedStream(response, response.body, request);
    writeHead(answer, response, headers);
    answer.flushHeaders();
    await sendStream(body, write, gone.promise);
  } else {
    await sendWhole(answer, response, request, write);
  }
  await beforeEnd?.();
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
  request: RequestHead,
  write: Write,
): Promise<void> {
  const { headers, octets } = compressed(response, request, await response.bytes());
  if (!BODILESS.has(response.status)) headers.set("content-length", String(octets.length));
  writeHead(answer, response, headers);
  if (request.method === "HEAD") return;
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
  { acceptEncoding }: RequestHead,
  octets: Uint8Array,
): { headers: Headers; octets: Uint8Array } {
  const headers = new Headers(given);
  const fit = status === 200 && octets.length >= MIN_COMPRESSED_OCTETS && isCompressible(headers);
  if (!fit) return { headers, octets };
  const coding = NAMES.find((coding) => accepts(acceptEncoding, coding));
  announce(headers, coding);
  return { headers, octets: coding ? CODINGS[coding](octets) : octets };
}

function compressedStream(
  { headers: given, status }: Response,
  body: ReadableStream<Uint8Array>,
  { acceptEncoding }: RequestHead,
): { headers: Headers; body: ReadableStream<Uint8Array> } {
  const headers = new Headers(given);
  const fit = status === 200 && !EVENTS.test(headers.get("content-type") ?? "") &&
    isCompressible(headers);
  if (!fit) return { headers, body };
  const coding = accepts(acceptEncoding, "gzip") ? "gzip" : undefined;
  announce(headers, coding);
  const gzip = new CompressionStream("gzip") as TransformStream<Uint8Array, Uint8Array>;
  return { headers, body: coding ? body.pipeThrough(gzip) : body };
}

function isCompressible(headers: Headers): boolean {
  return COMPRESSIBLE.test(headers.get("content-type") ?? "") &&
    !headers.has("content-encoding") && !/no-transform/.test(headers.get("cache-control") ?? "");
}

/** Says how the octets are coded, and that they might be coded otherwise. */
function announce(headers: Headers, coding: string | undefined): void {
  headers.append("vary", "accept-encoding");
  if (coding === undefined) return;
  headers.set("content-encoding", coding);
  const etag = headers.get("etag");
  // RFC 9110 section 8.8.1: the octets differ, the meaning does not.
  if (etag?.startsWith('"')) headers.set("etag", `W/${etag}`);
}

/** Whether an Accept-Encoding header admits a coding (RFC 9110 section 12.5.3). What it does not name, `*` stands for. */
function accepts(header: string, coding: keyof typeof CODINGS): boolean {
  const qualities = new Map(
    header.toLowerCase().split(",").map((one) => {
      const [name = "", ...parameters] = one.split(";").map((part) => part.trim());
      const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
      return [name, Number(quality)];
    }),
  );
  return (qualities.get(coding) ?? qualities.get("*") ?? 0) > 0;
}
