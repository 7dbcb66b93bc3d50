import { Context, type FreshConfig, type Middleware, runChain } from "./context.ts";
import { HttpError, statusOf } from "./handlers.ts";
import { registerIslands } from "./islands.ts";
import { RouteTable } from "./route_table.ts";
import type { BuildSnapshot } from "./snapshot.ts";

/** Answers requests; fit for `Deno.serve`. */
export type AppHandler = (req: Request) => Promise<Response>;

/** Gives an app the routes, scripts, islands and static files of a build. */
export let applySnapshot: <State>(app: App<State>, snapshot: BuildSnapshot) => void;

/**
 * A web app. Order matters: a middleware surrounds the routes that are added after it, as far as they lie at or below its
 * path. Those of the whole site surround the answers 404 and 405 too.
 */
export class App<State> {
  readonly config: FreshConfig;
  readonly #steps: ((table: RouteTable<State>, snapshot: BuildSnapshot | undefined) => void)[] = [];
  #snapshot?: BuildSnapshot;

  static {
    applySnapshot = (app, snapshot) => {
      app.#snapshot = snapshot;
      registerIslands(snapshot.islands);
    };
  }

  constructor({ basePath = "" }: Partial<FreshConfig> = {}) {
    this.config = { basePath };
  }

  /**
   * Adds middlewares, for the whole site or for a path and all below it.
   *
   * @throws {TypeError} for a path that ends with `/*`: Fresh takes the asterisk for a name, so nothing would be guarded.
   */
  use(...middlewares: Middleware<State>[]): this;
  use(path: string, ...middlewares: Middleware<State>[]): this;
  use(first: string | Middleware<State>, ...rest: Middleware<State>[]): this {
    const [path, middlewares] = typeof first === "string" ? [first, rest] : ["*", [first, ...rest]];
    if (path !== "*" && path.includes("*")) {
      throw new TypeError(`use("${path}", …) guards nothing; leave the asterisk out`);
    }
    const folder = path.replace(/^[*/]$/, "");
    this.#steps.push((table) => table.use(folder, middlewares));
    return this;
  }

  /** Adds the files of `routes/`, which a build has found. */
  fsRoutes(): this {
    this.#steps.push((table, snapshot) => table.addFiles(snapshot?.routes ?? []));
    return this;
  }

  /** Returns the function that answers requests. */
  handler(): AppHandler {
    const { config, config: { basePath } } = this;
    const snapshot = this.#snapshot;
    const table = new RouteTable<State>();
    for (const step of this.#steps) step(table, snapshot);
    const siteChain = table.chainOf("");
    return async (req) => {
      const url = new URL(req.url);
      if (url.pathname.includes("//")) url.pathname = url.pathname.replace(/\/{2,}/g, "/");
      const { route, handlers, params } = table.match(localPath(url.pathname, basePath));
      const chain = handlers.get(req.method) ??
        (req.method === "HEAD" ? handlers.get("GET") : undefined) ??
        [...siteChain, refuse(handlers.size === 0 ? 404 : 405)];
      const ctx = new Context<State>(req, url, params, route, config, snapshot);
      const response = await runChain(ctx, chain).catch(plainAnswer);
      return finish(req.method, response, [...handlers.keys()]);
    };
  }
}

/** The path without the prefix; empty, which no route has, when it does not lie below it. */
export function localPath(pathname: string, basePath: string): string {
  if (pathname === basePath) return "/";
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : "";
}

function refuse<State>(status: number): Middleware<State> {
  return () => {
    throw new HttpError(status);
  };
}

/** The last resort when no error page answers: text without any detail of an internal error. */
function plainAnswer(error: unknown): Response {
  const status = statusOf(error);
  if (status >= 500) console.error(error);
  const text = error instanceof HttpError && error.message || `Error ${status}`;
  return new Response(text, { status });
}

/** Adds `Allow` to 405 (RFC 9110 section 15.5.6) and takes the body off an answer to HEAD. */
function finish(method: string, response: Response, methods: readonly string[]): Response {
  if (response.status === 405 && !response.headers.has("allow")) {
    const allowed = methods.flatMap((name) => name === "GET" ? ["GET", "HEAD"] : name);
    response.headers.set("allow", [...new Set(allowed)].join(", "));
  }
  if (method !== "HEAD" || !response.body) return response;
  void response.body.cancel();
  return new Response(null, response);
}
