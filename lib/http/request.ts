/**
 * Requests of node:http as web-standard ones.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { formatAddress } from "../../smtp/mod.ts";
import { HEADER_LINES } from "./limits.ts";

/** A request that gets no page. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";

  constructor(readonly status: 400 | 413 | 417 | 431, message: string) {
    super(message);
  }
}

/** RFC 9110 section 7.2: a name or an address, with or without a port. */
const HOST = /^([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i;
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)/i;
const NO_BODY = new Uint8Array();
const WITHOUT_BODY: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Returns the web-standard request with its whole body; `undefined` if the client has gone before. @throws {BadRequest} */
export async function readRequest(
  message: IncomingMessage,
  scheme: "http" | "https",
  bodyOctets: number,
): Promise<Request | undefined> {
  if (message.rawHeaders.length > 2 * HEADER_LINES) {
    throw new BadRequest(431, "The header has too many lines.");
  }
  const url = addressOf(message, scheme);
  const { method = "GET", headers: { expect = "100-continue" } } = message;
  if (expect.toLowerCase() !== "100-continue") throw new BadRequest(417, `Expect: ${expect}`);
  const body = WITHOUT_BODY.has(method) ? NO_BODY : await readBody(message, bodyOctets);
  if (body === undefined) return undefined;
  try {
    return new Request(url, {
      method,
      headers: headersOf(message),
      body: body.length === 0 ? undefined : body,
    });
  } catch (error) {
    throw new BadRequest(400, (error as Error).message);
  }
}

/** The path comes from the request's target alone, the origin from Host alone: neither can change the other. */
function addressOf(message: IncomingMessage, scheme: string): URL {
  const host = hostOf(message);
  // RFC 9112 section 3.2.2: the whole address is for proxies, and has to be understood.
  const target = message.url ?? "";
  const [origin = "", authority = host] = ABSOLUTE_FORM.exec(target) ?? [];
  const path = target.slice(origin.length) || "/";
  const url = host !== undefined && HOST.test(authority ?? "") && path.startsWith("/")
    ? URL.parse(`${scheme}://${host}${path}`)
    : null;
  if (url === null) throw new BadRequest(400, "The request has no valid Host or path.");
  return url;
}

/** Returns Host, if it is valid and there is one (RFC 9112 section 3.2). HTTP/1.0 needs none. */
function hostOf({ rawHeaders, httpVersion, socket }: IncomingMessage): string | undefined {
  const hosts = pairsOf(rawHeaders).filter(([name]) => name.toLowerCase() === "host");
  const own = httpVersion === "1.0" && hosts.length === 0;
  if (own) return formatAddress(socket.localAddress ?? "localhost", socket.localPort ?? 0);
  const [[, host] = ["", ""]] = hosts;
  return hosts.length === 1 && HOST.test(host) ? host : undefined;
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of pairsOf(rawHeaders)) headers.append(name, value);
  return headers;
}

function pairsOf(raw: readonly string[]): readonly (readonly [name: string, value: string])[] {
  return Array.from({ length: raw.length / 2 }, (_, at) => [raw[2 * at]!, raw[2 * at + 1]!]);
}

/** Collects the body: forms are small. The server's time limit for a request holds for it. `undefined`: there is no end. */
async function readBody(
  message: IncomingMessage,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (message.destroyed) return undefined;
  const tooLarge = () => new BadRequest(413, "The request is too large.");
  if (Number(message.headers["content-length"] ?? 0) > limit) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let octets = 0;
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  message.on("data", (piece: Uint8Array) => {
    octets += piece.length;
    if (octets <= limit) pieces.push(piece);
    else reject(tooLarge());
  });
  message.on("end", () => resolve(true));
  const gone = () => resolve(false);
  message.on("error", gone).on("close", gone);
  return await promise ? new Uint8Array(Buffer.concat(pieces)) : undefined;
}
