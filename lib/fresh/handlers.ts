import type { Context } from "./context.ts";

/** The statuses of errors (RFC 9110 sections 15.5 and 15.6, RFC 6585, and others). */
// deno-fmt-ignore
export type ErrorStatus =
  | 400 | 401 | 402 | 403 | 404 | 405 | 406 | 407 | 408 | 409 | 410 | 411 | 412 | 413 | 414 | 415 | 416 | 417 | 418
  | 421 | 422 | 423 | 424 | 425 | 426 | 428 | 429 | 431 | 451
  | 500 | 501 | 502 | 503 | 504 | 505 | 506 | 507 | 508 | 510 | 511;

/** An error that stands for an HTTP status (RFC 9110 sections 15.5 and 15.6). Its message may be shown to the user. */
export class HttpError extends Error {
  override readonly name = "HttpError";

  /**
   * @param message Public text.
   * @param options `cause`: for the log alone.
   */
  constructor(readonly status: ErrorStatus, message = "", options?: ErrorOptions) {
    super(message, options);
  }
}

/** The HTTP status that an error stands for. */
export function statusOf(error: unknown): number {
  return error instanceof HttpError ? error.status : 500;
}

/** Request methods that a route can answer. */
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
export type Method = (typeof METHODS)[number];

/** Data for a route's page. Made by {@linkcode page}. */
export interface PageResponse<Data> {
  readonly data: Data;
  readonly headers?: HeadersInit;
  readonly status?: number;
}

/** Answers a request, by itself or through the route's page. */
export type HandlerFn<Data, State> = (
  ctx: Context<State>,
) => Response | PageResponse<Data> | Promise<Response | PageResponse<Data>>;

/** One handler a method. GET answers HEAD as well; a method without a handler gets 405, OPTIONS a list of the others. */
export type HandlerByMethod<Data, State> = { [M in Method]?: HandlerFn<Data, State> };

/** One handler for all methods, or one for each. */
export type RouteHandler<Data, State> = HandlerFn<Data, State> | HandlerByMethod<Data, State>;

/** Renders the route's page with this data. */
export function page<Data = undefined>(
  data?: Data,
  options: Omit<PageResponse<Data>, "data"> = {},
): PageResponse<Data> {
  return { data: data as Data, ...options };
}
