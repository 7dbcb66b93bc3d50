import type { Context, Middleware, RouteComponent } from "./context.ts";
import { type FilePlace, placeOf, type RouteModule, sortFiles } from "./file_routes.ts";
import { type HandlerFn, type Method, METHODS, type RouteHandler, statusOf } from "./handlers.ts";
import { renderPage } from "./render.ts";
import { type Match, Router } from "./router.ts";
import type { RouteFile } from "./snapshot.ts";

/** Everything around the routes at and below a path. */
interface Segment<State> {
  readonly middlewares: Middleware<State>[];
  app?: RouteComponent<State>;
  layout?: RouteComponent<State>;
  error?: RouteModule<State>;
}

/** The routes of an app, each with the middlewares, layouts and error pages around it. */
export class RouteTable<State> {
  readonly #segments = new Map<string, Segment<State>>();
  readonly #router = new Router<readonly Middleware<State>[]>();

  /** Adds middlewares around the routes that are added later, as far as they lie at or below this path. */
  use(path: string, middlewares: readonly Middleware<State>[]): void {
    this.#segmentAt(path).middlewares.push(...middlewares);
  }

  /** Adds all files of `routes/`. @throws {TypeError} when a file exports nothing of use. */
  addFiles(files: readonly RouteFile[]): void {
    const placed = sortFiles(files).map(({ file, module }) => ({
      ...placeOf(file),
      module: checked<State>(module, file),
    }));
    for (const file of placed) if (file.kind !== "route") this.#addSurroundings(file);
    for (const file of placed) if (file.kind === "route") this.#addRoute(file);
  }

  /** Finds the chains of a path, by method. */
  match(pathname: string): Match<readonly Middleware<State>[]> {
    return this.#router.match(pathname);
  }

  /** Returns everything around a route, outermost first. */
  chainOf(folder: string): Middleware<State>[] {
    const steps = folder.split("/");
    return steps.flatMap((_, index) => {
      const segment = this.#segments.get(steps.slice(0, index + 1).join("/"));
      return segment ? [surround(segment), ...segment.middlewares] : [];
    });
  }

  #segmentAt(path: string): Segment<State> {
    const segment = this.#segments.get(path) ?? { middlewares: [] };
    this.#segments.set(path, segment);
    return segment;
  }

  #addSurroundings({ kind, folder, module }: PlacedModule<State>): void {
    const segment = this.#segmentAt(folder);
    const component = module.default as RouteComponent<State>;
    if (kind === "app") segment.app = component;
    if (kind === "layout") segment.layout = component;
    if (kind === "error") segment.error = module;
    if (kind === "middleware") {
      segment.middlewares.push(...[module.handler ?? module.default].flat() as Middleware<State>[]);
    }
  }

  #addRoute({ folder, path, module }: PlacedModule<State>): void {
    for (const [method, handler] of endpoints(module)) {
      this.#router.add(method, path, [...this.chainOf(folder), handler]);
    }
  }
}

interface PlacedModule<State> extends FilePlace {
  readonly module: RouteModule<State>;
}

/** @throws {TypeError} for a file that Fresh refuses, or that means more to Fresh than to us. */
function checked<State>(module: object, file: string): RouteModule<State> {
  if ("config" in module) throw new TypeError(`routes/${file}: lib/fresh has no "config"`);
  if ("default" in module || "handler" in module || "handlers" in module) {
    const { default: component, handler, handlers } = module as FileExports<State>;
    return { default: component, handler: handlers ?? handler };
  }
  throw new TypeError(
    `routes/${file} exports neither "handler" nor "default"; helpers belong into a folder like (_components)`,
  );
}

/** Fresh takes either name. */
interface FileExports<State> extends RouteModule<State> {
  readonly handlers?: RouteModule<State>["handler"];
}

/** The handlers of a route by method. A page without a GET handler is simply shown. */
function endpoints<State>({ handler, default: component }: RouteModule<State>) {
  const route = handler as RouteHandler<unknown, State> | undefined;
  const handlers = typeof route === "function"
    ? Object.fromEntries(METHODS.map((method) => [method, route]))
    : { ...component && { GET: noData }, ...route };
  return Object.entries(handlers).map(([method, handle]): [Method, Middleware<State>] => [
    method as Method,
    (ctx) => respond(ctx, handle, component as RouteComponent<State> | undefined, 200),
  ]);
}

const noData = () => ({ data: {} });

async function respond<State>(
  ctx: Context<State>,
  handle: HandlerFn<unknown, State>,
  component: RouteComponent<State> | undefined,
  usualStatus: number,
): Promise<Response> {
  const result = await handle(ctx);
  if (result instanceof Response) return result;
  if (!component) throw new Error(`the route ${ctx.route} returns data but has no page`);
  const { data, status = usualStatus, headers } = result;
  return await renderPage(ctx, component, data, { status, headers });
}

/** A middleware that puts a segment's layout around pages, and answers errors by its error page. */
function surround<State>({ app, layout, error }: Segment<State>): Middleware<State> {
  return async (ctx) => {
    const outer = ctx.frame;
    const layouts = layout ? [...outer.layouts, layout] : outer.layouts;
    ctx.frame = { app: app ?? outer.app, layouts };
    try {
      return await ctx.next();
    } catch (cause) {
      if (!error) throw cause;
      ctx.error = cause;
      const handle = (error.handler ?? noData) as HandlerFn<unknown, State>;
      const component = error.default as RouteComponent<State> | undefined;
      ctx.frame = { app: app ?? outer.app, layouts };
      return await respond(ctx, handle, component, statusOf(cause));
    } finally {
      ctx.frame = outer;
    }
  };
}
