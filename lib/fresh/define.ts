import type { AnyComponent } from "preact";
import type { Middleware, PageProps } from "./context.ts";
import type { HandlerByMethod, HandlerFn, RouteHandler } from "./handlers.ts";

/** Functions that return their argument unchanged, and give it the right types. */
export interface Define<State> {
  /** Types a route's handlers. */
  handlers<Data, Handlers extends RouteHandler<Data, State> = RouteHandler<Data, State>>(
    handlers: Handlers,
  ): Handlers;
  /** Types a page. `define.page<typeof handler>` types `data` as the handler returns it. */
  page<
    // deno-lint-ignore no-explicit-any -- any data that a handler may return
    Handler extends RouteHandler<any, State> = never,
    Data = Handler extends HandlerFn<infer D, State> ? D
      : Handler extends HandlerByMethod<infer D, State> ? D
      : never,
  >(component: AnyComponent<PageProps<Data, State>>): AnyComponent<PageProps<Data, State>>;
  /** Types a layout: a frame around pages, in which `Component` stands for the page. */
  layout(
    component: AnyComponent<PageProps<unknown, State>>,
  ): AnyComponent<PageProps<unknown, State>>;
  /** Types a middleware. */
  middleware(middleware: Middleware<State>): Middleware<State>;
}

/** Returns the {@linkcode Define} functions for an app's state. */
export function createDefine<State>(): Define<State> {
  return {
    handlers: (handlers) => handlers,
    page: (component) => component,
    layout: (component) => component,
    middleware: (middleware) => middleware,
  };
}
