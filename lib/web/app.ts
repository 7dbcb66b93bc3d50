/**
 * Answers requests for web pages. The site's address and the security headers are the product's own business and stand
 * around Fresh; routes, layouts and error pages are files in `routes/`.
 *
 * @module
 */
import { App, HttpError, staticFiles } from "fresh";
import { type Build, readNonce } from "build";
import { flash } from "./flash.ts";
import { csrf, setSecurityHeaders } from "./security.ts";
import type { WebServices } from "./services.ts";
import { session } from "./session.ts";
import { clientOf, siteOf } from "./site.ts";
import { define, type State } from "./utils.ts";

/** Answers requests; fit for `HttpServer` and `Deno.serve`. */
export type PageHandler = (
  request: Request,
  info: Pick<Deno.ServeHandlerInfo, "remoteAddr">,
) => Promise<Response>;

/** A proxy with a path prefix has one of them, or a few. */
const MAX_PREFIXES = 8;

/**
 * Makes the web pages.
 *
 * @param applyBuild Gives an app what the build has made, see `loadBuild()`.
 */
export function createPages(services: WebServices, applyBuild: Build): PageHandler {
  const visits = new WeakMap<Request, Visit>();
  const handlerFor = handlersByPrefix((basePath) => {
    const app = createApp(services, visits, basePath);
    applyBuild(app);
    return app.handler();
  });
  const ask = (request: Request, visit: Visit): Promise<Response> => {
    const { basePath } = visit.site;
    const inside = withPrefix(request, basePath);
    visits.set(inside, visit);
    return handlerFor(basePath)(inside);
  };
  const answer = async (request: Request, visit: Visit): Promise<Response> => {
    const response = await ask(request, visit);
    if (response.status === 405) {
      const { headers } = await ask(withMethod(request, "OPTIONS"), visit);
      response.headers.set("allow", methodsOf(headers));
    }
    setSecurityHeaders(response.headers, visit.site, readNonce(response));
    return response;
  };
  return async (request, { remoteAddr }) => {
    const peer = "hostname" in remoteAddr ? remoteAddr.hostname : undefined;
    try {
      const url = new URL(request.url);
      requireEncoded(url.pathname);
      return await answer(request, {
        site: siteOf(url, request.headers, peer, services.site),
        client: clientOf(request.headers, peer, services.site),
      });
    } catch (error) {
      return refused(error);
    }
  };
}

/** The site as a browser sees it, and the browser's address. */
type Visit = Pick<State, "site" | "client">;

/** @throws {HttpError} 400 for a path that cannot be decoded: Fresh would answer it as an internal error. */
function requireEncoded(pathname: string): void {
  try {
    decodeURIComponent(pathname);
  } catch (cause) {
    throw new HttpError(400, "The address is not properly encoded.", { cause });
  }
}

/** Before any page is asked: the address, or the headers that a proxy sends with it, make no sense. */
function refused(error: unknown): Response {
  if (!(error instanceof HttpError)) throw error;
  const response = new Response(error.message, { status: error.status });
  setSecurityHeaders(response.headers);
  return response;
}

/**
 * Returns the methods of an address for `Allow` (RFC 9110 section 15.5.6). Fresh tells them to OPTIONS alone, and without HEAD;
 * of files it tells nothing.
 *
 * @param headers Of the answer to OPTIONS.
 */
function methodsOf(headers: Headers): string {
  const allowed = (headers.get("allow") ?? "GET").split(", ");
  return [...new Set(allowed.flatMap((name) => name === "GET" ? ["GET", "HEAD"] : name))].join(
    ", ",
  );
}

function createApp(
  services: WebServices,
  visits: WeakMap<Request, Visit>,
  basePath: string,
): App<State> {
  const provide = define.middleware((ctx) => {
    ctx.state.services = services;
    Object.assign(ctx.state, visits.get(ctx.req)!);
    return ctx.next();
  });
  return new App<State>({ basePath }).use(provide, staticFiles(), csrf, session, flash).fsRoutes();
}

type AppHandler = (request: Request) => Promise<Response>;

/** One app for each path prefix, since an app's addresses all begin with its own. */
function handlersByPrefix(create: (prefix: string) => AppHandler): (prefix: string) => AppHandler {
  const handlers = new Map<string, AppHandler>();
  return (prefix) => {
    const known = handlers.get(prefix);
    if (known) return known;
    if (handlers.size >= MAX_PREFIXES) handlers.clear();
    const handler = create(prefix);
    handlers.set(prefix, handler);
    return handler;
  };
}

/** The same request by another method, without its body. */
function withMethod({ url, headers }: Request, method: string): Request {
  return new Request(url, { method, headers });
}

/** The request as the app sees it. Proxies have taken the prefix off. */
function withPrefix(request: Request, prefix: string): Request {
  if (prefix === "") return request;
  const url = new URL(request.url);
  url.pathname = prefix + (url.pathname === "/" ? "" : url.pathname);
  const { method, headers, body } = request;
  return new Request(url, { method, headers, body });
}
