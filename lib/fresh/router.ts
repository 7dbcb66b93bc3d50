import type { Method } from "./handlers.ts";

/** The handlers of a requested path; none when no route has it. */
export interface Match<Handler> {
  readonly route: string | null;
  readonly handlers: ReadonlyMap<string, Handler>;
  /** The variable parts of the path, decoded but for the characters that mean something in an address (`decodeURI()`). */
  readonly params: Record<string, string>;
}

/** Syntax of URL patterns. */
const DYNAMIC = /[\\:*+?(){}]/;

/**
 * Finds the handlers of a path. Plain paths go before patterns, and patterns in the order they were added. A slash at the end
 * of a plain path makes no difference.
 */
export class Router<Handler> {
  readonly #routes = new Map<string, Map<string, Handler>>();
  readonly #patterns = new Map<string, URLPattern>();

  /**
   * Adds a handler, unless the path has one for the method already.
   *
   * @param path Plain, or a pattern of the URL Pattern standard such as `/passwords/:id`.
   */
  add(method: Method, path: string, handler: Handler): void {
    const handlers = this.#routes.get(path) ?? new Map<string, Handler>();
    this.#routes.set(path, handlers);
    if (!handlers.has(method)) handlers.set(method, handler);
    if (DYNAMIC.test(path)) this.#patterns.set(path, new URLPattern({ pathname: path }));
  }

  match(pathname: string): Match<Handler> {
    const plain = pathname === "/" ? pathname : pathname.replace(/\/$/, "");
    const handlers = this.#routes.get(plain);
    if (handlers && !this.#patterns.has(plain)) return { route: plain, handlers, params: {} };
    for (const [route, pattern] of this.#patterns) {
      const params = decoded(pattern.exec({ pathname })?.pathname.groups);
      if (params) return { route, handlers: this.#routes.get(route)!, params };
    }
    return { route: null, handlers: new Map(), params: {} };
  }
}

/** Undefined when there is no match, or when a part is not properly encoded and so names nothing. */
function decoded(
  groups: Record<string, string | undefined> | undefined,
): Record<string, string> | undefined {
  if (!groups) return undefined;
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([name, value]) => [name, decodeURI(value ?? "")]),
    );
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
