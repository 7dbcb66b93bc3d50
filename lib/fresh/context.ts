import type { AnyComponent, FunctionComponent, VNode } from "preact";
import { renderDocument } from "./render.ts";
import type { BuildSnapshot } from "./snapshot.ts";

/** Runs before, around or instead of what comes after it (`ctx.next()`). */
export type Middleware<State> = (ctx: Context<State>) => Response | Promise<Response>;

/** Settings of an app. */
export interface FreshConfig {
  /** Path prefix under which browsers reach the app, such as `/mail`; empty for none. */
  basePath: string;
}

/** What pages, layouts and the app wrapper get. */
export interface PageProps<Data = unknown, State = unknown>
  extends Pick<Context<State>, "config" | "url" | "req" | "params" | "info" | "state" | "error"> {
  readonly data: Data;
  /** In a layout or the app wrapper: what it frames. */
  readonly Component: FunctionComponent;
}

/** A page, a layout or an app wrapper. */
export type RouteComponent<State> = AnyComponent<PageProps<unknown, State>>;

/** What surrounds the pages of a request. */
export interface Frame<State> {
  readonly app?: RouteComponent<State>;
  /** Outermost first. */
  readonly layouts: readonly RouteComponent<State>[];
}

/** One request on its way through the middlewares. */
export class Context<State> {
  /** Shared by everything that handles this request. */
  readonly state: State = {} as State;
  /** What was thrown, while an error page is rendered. */
  error: unknown = null;
  /** Runs the next middleware or handler. */
  next: () => Promise<Response> = () => Promise.reject(new Error("nothing comes next"));
  /** @internal What surrounds pages at this point. */
  frame: Frame<State> = { layouts: [] };

  /**
   * @param req The request as it came in.
   * @param url Its address, with repeated slashes in the path made one.
   * @param params The variable parts of the route's path, decoded.
   * @param route The pattern of the matched route.
   * @param config The app's settings; a copy for this request.
   * @param snapshot What a build has made. Internal.
   */
  constructor(
    readonly req: Request,
    readonly url: URL,
    readonly info: Deno.ServeHandlerInfo,
    readonly params: Record<string, string>,
    readonly route: string | null,
    readonly config: FreshConfig,
    readonly snapshot: BuildSnapshot | undefined,
  ) {}

  /**
   * Sends the browser elsewhere.
   *
   * @param pathOrUrl A path on this site, in which `//host` and `/\host` lose their power to lead away; or a whole
   * address, which the caller answers for.
   */
  redirect(pathOrUrl: string, status = 302): Response {
    const location = pathOrUrl.replace(/^\/[/\\]+/, "/");
    return new Response(null, { status, headers: { location } });
  }

  /** Renders a page within its layouts and the app wrapper. */
  // deno-lint-ignore no-explicit-any require-await -- an element of any component; errors reject
  async render(vnode: VNode<any> | null, init: ResponseInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("content-type", "text/html; charset=utf-8");
    return new Response(renderDocument(this, vnode), { ...init, headers });
  }
}

/** Runs middlewares in order, each of which calls the next, and at last the handler. */
export function runChain<State>(
  ctx: Context<State>,
  chain: readonly Middleware<State>[],
  handler: Middleware<State>,
): Promise<Response> {
  const dispatch = async (index: number): Promise<Response> => {
    ctx.next = () => dispatch(index + 1);
    return await (chain[index] ?? handler)(ctx);
  };
  return dispatch(0);
}
