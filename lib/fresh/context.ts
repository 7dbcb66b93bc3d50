import type { AnyComponent, FunctionComponent, VNode } from "preact";
import type { BuildSnapshot } from "./snapshot.ts";

/** Runs before, around or instead of the middlewares and the handler after it (`ctx.next()`). */
export type Middleware<State> = (ctx: Context<State>) => Response | Promise<Response>;

/** Settings of an app. */
export interface FreshConfig {
  /** Path prefix of all its addresses, such as `/mail`; empty for none. */
  readonly basePath: string;
}

/** Properties of pages, layouts and the app wrapper. */
export interface PageProps<Data = unknown, State = unknown>
  extends Pick<Context<State>, "url" | "params" | "state" | "error"> {
  readonly data: Data;
  /** In a layout or the app wrapper: the page within. */
  readonly Component: FunctionComponent;
}

/** A page, a layout or an app wrapper that waits for something. Its Response, if it returns one, is the answer. */
export type AsyncComponent<Props> = (props: Props) => Promise<VNode | Response | null>;

/** A page, a layout or an app wrapper. */
export type RouteComponent<State> =
  | AnyComponent<PageProps<unknown, State>>
  | AsyncComponent<PageProps<unknown, State>>;

/** The components around the pages of a request. */
export interface Frame<State> {
  readonly app?: RouteComponent<State>;
  /** Outermost first. */
  readonly layouts: readonly RouteComponent<State>[];
}

/** One request on its way through the middlewares. */
export class Context<State> {
  /** Shared by everything that handles this request. */
  readonly state: State = {} as State;
  /** The error that an error page answers. */
  error: unknown = null;
  /** Runs the next middleware or handler. */
  next: () => Promise<Response> = () => Promise.reject(new Error("nothing comes next"));
  /** @internal */
  frame: Frame<State> = { layouts: [] };

  /**
   * @param req The request as it came in.
   * @param url Its address, with repeated slashes in the path made one.
   * @param params The variable parts of the route's path, decoded by `decodeURI()`.
   * @param route The pattern of the matched route.
   * @param config The app's settings, shared by all requests.
   * @param snapshot The build. Internal.
   */
  constructor(
    readonly req: Request,
    readonly url: URL,
    readonly params: Record<string, string>,
    readonly route: string | null,
    readonly config: FreshConfig,
    readonly snapshot: BuildSnapshot | undefined,
  ) {}

  /**
   * Sends the browser elsewhere. Fresh's own reads the context, so it cannot be taken out of it.
   *
   * @param pathOrUrl A path on this site, in which `//host` and `/\host` lose their power to lead away; or a whole
   * address, which the caller answers for.
   */
  redirect(this: Context<State>, pathOrUrl: string, status = 302): Response {
    const location = pathOrUrl.replace(/^\/[/\\]+/, "/");
    return new Response(null, { status, headers: { location } });
  }
}

/**
 * Runs middlewares in order, each of which calls the next; the last one is the handler.
 *
 * @throws {TypeError} when one returns no Response.
 */
export function runChain<State>(
  ctx: Context<State>,
  chain: readonly Middleware<State>[],
): Promise<Response> {
  const dispatch = async (index: number): Promise<Response> => {
    ctx.next = () => dispatch(index + 1);
    const response: unknown = await chain[index]!(ctx);
    if (response instanceof Response) return response;
    const name = chain[index]!.name || `number ${index + 1}`;
    throw new TypeError(
      `${ctx.url.pathname}: the middleware ${name} returned no Response; is "return ctx.next()" missing?`,
    );
  };
  return dispatch(0);
}
