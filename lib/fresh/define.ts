import type { AnyComponent } from "preact";
import type { Middleware, PageProps } from "./context.ts";
import type { HandlerByMethod } from "./handlers.ts";

/** Functions that return what they are given and lend it the right types. */
export interface Define<State> {
  /** A route's handlers. */
  handlers<Data, Handlers extends HandlerByMethod<Data, State> = HandlerByMethod<Data, State>>(
    handlers: Handlers,
  ): Handlers;
  /** A page. `define.page<typeof handler>` types `data` as the handler returns it. */
  page<
    // deno-lint-ignore no-explicit-any -- any data that a handler may return
    Handler extends HandlerByMethod<any, State> = never,
    Data = Handler extends HandlerByMethod<infer D, State> ? D : never,
  >(component: AnyComponent<PageProps<Data, State>>): AnyComponent<PageProps<Data, State>>;
  /** A layout: a frame around pages, in which `Component` stands for the page. */
  layout(
    component: AnyComponent<PageProps<unknown, State>>,
  ): AnyComponent<PageProps<unknown, State>>;
  /** A middleware. */
  middleware(middleware: Middleware<State>): Middleware<State>;
}

/** Makes the {@linkcode Define} functions for an app's state. */
export function createDefine<State>(): Define<State> {
  return {
    handlers: (handlers) => handlers,
    page: (component) => component,
    layout: (component) => component,
    middleware: (middleware) => middleware,
  };
}
