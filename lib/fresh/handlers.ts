import type { Context } from "./context.ts";

/** Request methods that a route can answer. */
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/** What a handler returns to have its page rendered. Made by {@linkcode page}. */
export interface PageResponse<Data> {
  readonly data: Data;
  readonly headers?: HeadersInit;
  readonly status?: number;
}

/** Answers a request, by itself or through the route's page. */
export type HandlerFn<Data, State> = (
  ctx: Context<State>,
) => Response | PageResponse<Data> | Promise<Response | PageResponse<Data>>;

/** One handler a method. GET answers HEAD as well; a method without a handler gets 405. */
export type HandlerByMethod<Data, State> = { [M in Method]?: HandlerFn<Data, State> };

/** Has the route's page rendered with this data. */
export function page<Data = undefined>(
  data?: Data,
  options: Omit<PageResponse<Data>, "data"> = {},
): PageResponse<Data> {
  return { data: data as Data, ...options };
}
