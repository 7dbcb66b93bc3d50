import {
  Context,
  type FreshConfig,
  type Middleware,
  type RouteComponent,
  runChain,
} from "./context.ts";
import { HttpError } from "./error.ts";
import type { Method } from "./handlers.ts";
import { registerIslands } from "./islands.ts";
import { endpoints, framing, plainAnswer, rescue, type Route, statusOf } from "./route.ts";
import { Router } from "./router.ts";
import type { BuildSnapshot } from "./snapshot.ts";

/** What {@linkcode App.handler} gives: fit for `Deno.serve`. */
export type AppHandler = (req: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

/** A handler with the middlewares around it. */
interface Endpoint<State> {
  readonly chain: readonly Middleware<State>[];
  readonly handler: Middleware<State>;
}

/** Gives an app the scripts, islands and static files that a build has made. */
export let applySnapshot: <State>(app: App<State>, snapshot: BuildSnapshot) => void;

/**
 * A web app. Order matters: a middleware, layout or error page surrounds the routes that are added after it, as far as
 * they lie at or below its path. Those of the whole site surround the answers 404 and 405 too.
 */
export class App<State> {
  readonly config: FreshConfig;
  readonly #middlewares: { readonly path: string; readonly middleware: Middleware<State> }[] = [];
  readonly #router = new Router<Endpoint<State>>();
  #snapshot?: BuildSnapshot;

  static {
    applySnapshot = (app, snapshot) => {
      app.#snapshot = snapshot;
      registerIslands(snapshot.islands);
    };
  }

  constructor(config: Partial<FreshConfig> = {}) {
    this.config = { basePath: config.basePath ?? "" };
  }

  /** Adds middlewares, for the whole site or for a path. */
  use(...middlewares: Middleware<State>[]): this;
  use(path: string, ...middlewares: Middleware<State>[]): this;
  use(first: string | Middleware<State>, ...rest: Middleware<State>[]): this {
    const [path, middlewares] = typeof first === "string" ? [first, rest] : ["*", [first, ...rest]];
    for (const middleware of middlewares) this.#middlewares.push({ path, middleware });
    return this;
  }

  /** Sets the component that renders `<html>` around every page. */
  appWrapper(component: RouteComponent<State>): this {
    return this.use(framing(({ layouts }) => ({ layouts, app: component })));
  }

  /** Adds a frame around the pages at and below a path. */
  layout(path: string, component: RouteComponent<State>): this {
    return this.use(
      path,
      framing(({ app, layouts }) => ({ app, layouts: [...layouts, component] })),
    );
  }

  /** Answers what fails at and below a path; `ctx.error` is what was thrown. */
  onError(path: string, answer: Route<State> | Middleware<State>): this {
    return this.use(path, rescue(answer));
  }

  /** Answers {@linkcode HttpError} 404: what no route answers, and what a handler does not find. */
  notFound(answer: Route<State> | Middleware<State>): this {
    return this.use(rescue(answer, (error) => statusOf(error) === 404));
  }

  /**
   * Adds a route.
   *
   * @param path Plain, or a pattern of the URL Pattern standard such as `/passwords/:id`.
   */
  route(path: string, route: Route<State>): this {
    for (const [method, handler] of endpoints(route)) this.#add(method, path, handler);
    return this;
  }

  /** Answers GET, and HEAD with it. */
  get(path: string, handler: Middleware<State>): this {
    return this.#add("GET", path, handler);
  }

  /** Answers POST. */
  post(path: string, handler: Middleware<State>): this {
    return this.#add("POST", path, handler);
  }

  #add(method: Method, path: string, handler: Middleware<State>): this {
    this.#router.add(method, path, { chain: this.#chainOf(path), handler });
    return this;
  }

  #chainOf(path: string): Middleware<State>[] {
    return this.#middlewares.filter((entry) => covers(entry.path, path))
      .map((entry) => entry.middleware);
  }

  /** The function that answers requests. */
  handler(): AppHandler {
    const siteChain = this.#chainOf("/");
    return async (req, info = unknownPeer) => {
      const url = new URL(req.url);
      url.pathname = url.pathname.replace(/\/{2,}/g, "/");
      const { route, handlers, params } = this.#router.match(url.pathname);
      const { chain, handler } = handlers.get(req.method) ??
        (req.method === "HEAD" ? handlers.get("GET") : undefined) ??
        { chain: siteChain, handler: refuse(handlers.size === 0 ? 404 : 405) };
      const config = { ...this.config };
      const ctx = new Context<State>(req, url, info, params, route, config, this.#snapshot);
      const response = await runChain(ctx, chain, handler).catch(plainAnswer);
      return finish(req.method, response, [...handlers.keys()]);
    };
  }
}

const unknownPeer: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "localhost", port: 0 },
  completed: Promise.resolve(),
};

function covers(scope: string, path: string): boolean {
  const prefix = scope.replace(/\/?\*?$/, "");
  return prefix === "" || path === prefix || path.startsWith(`${prefix}/`);
}

function refuse<State>(status: number): Middleware<State> {
  return () => {
    throw new HttpError(status);
  };
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
