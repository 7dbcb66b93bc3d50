/**
 * The port without TLS beside the HTTPS pages: it sends browsers to HTTPS.
 *
 * @module
 */
import { PROGRAM } from "../base/mod.ts";
import type { HttpHandler } from "./http_server.ts";
import { SECURITY_HEADERS } from "./security_headers.ts";

/** The authority of an ACME order asks below this path (RFC 8555 section 8.3). */
export const ACME_CHALLENGE_PATH = "/.well-known/acme-challenge/";

/** The answer to a challenge that is not ours: `check` knows the program by it. */
export const UNKNOWN_CHALLENGE = `${PROGRAM}: no such challenge`;

/** Dependencies of the redirect. */
interface RedirectOptions {
  /** Fixed address of the pages. Absent: the host of each request. */
  readonly publicUrl?: string;
  /** Port of the HTTPS pages. */
  readonly httpsPort: number;
  /** Returns the answer to a challenge, by its token. */
  readonly challenge: (token: string) => Promise<string | undefined>;
  /** Answers what is served without TLS as well; returns `undefined` for anything else. */
  readonly exempt: (request: Request) => Promise<Response> | undefined;
}

/** Returns a handler that redirects to the same path of the HTTPS pages; any method keeps its body (RFC 9110 section 15.4.9). */
export function redirectHandler(options: RedirectOptions): HttpHandler {
  return (request) => {
    const { pathname } = new URL(request.url);
    return pathname.startsWith(ACME_CHALLENGE_PATH)
      ? options.challenge(pathname.slice(ACME_CHALLENGE_PATH.length)).then(challengeAnswer)
      : options.exempt(request) ?? redirect(request, options);
  };
}

function challengeAnswer(text: string | undefined): Response {
  const headers = { ...SECURITY_HEADERS, "cache-control": "no-store" };
  return text === undefined
    ? new Response(UNKNOWN_CHALLENGE, { status: 404, headers })
    : new Response(text, { headers: { ...headers, "content-type": "application/octet-stream" } });
}

function redirect(request: Request, { publicUrl, httpsPort }: RedirectOptions): Response {
  const location = new URL(request.url);
  location.protocol = "https:";
  if (publicUrl === undefined) location.port = String(httpsPort);
  else location.host = hostWithPort(new URL(publicUrl));
  const headers = { ...SECURITY_HEADERS, "cache-control": "no-store", location: location.href };
  return new Response(null, { status: 308, headers });
}

/** Setting only a host would keep the port. */
function hostWithPort({ hostname, port }: URL): string {
  return `${hostname}:${port || 443}`;
}
