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
        [...siteChain, otherwise(req.method, [...handlers.keys()])];
      const ctx = new Context<State>(req, url, params, route, config, snapshot);
      const response = await runChain(ctx, chain).catch(plainAnswer);
      return req.method === "HEAD" ? withoutBody(response) : response;
    };
  }
}

/** The path without the prefix; empty, which no route has, when it does not lie below it. */
export function localPath(pathname: string, basePath: string): string {
  if (pathname === basePath) return "/";
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : "";
}

/** Answers a method that an address does not have: OPTIONS tells those that it has. */
function otherwise<State>(method: string, methods: readonly string[]): Middleware<State> {
  return () => {
    if (methods.length === 0) throw new HttpError(404);
    if (method !== "OPTIONS") throw new HttpError(405);
    return new Response(null, { status: 204, headers: { allow: methods.join(", ") } });
  };
}

/** The last resort when no error page answers: text without any detail of an internal error. */
function plainAnswer(error: unknown): Response {
  const status = statusOf(error);
  if (status >= 500) console.error(error);
  const text = error instanceof HttpError && error.message || `Error ${status}`;
  return new Response(text, { status });
}

function withoutBody(response: Response): Response {
  void response.body?.cancel();
  return new Response(null, response);
}
