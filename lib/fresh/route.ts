import type { Context, Frame, Middleware, RouteComponent } from "./context.ts";
import { HttpError } from "./error.ts";
import type { HandlerByMethod, HandlerFn, Method } from "./handlers.ts";
import { createView } from "./render.ts";

/** A route: handlers, a page, or both. */
export interface Route<State> {
  readonly component?: RouteComponent<State>;
  readonly handler?: HandlerByMethod<unknown, State>;
}

/** What answers each method of a route. A page without a GET handler is simply shown. */
export function endpoints<State>(
  { handler, component }: Route<State>,
): [Method, Middleware<State>][] {
  const handlers = component ? { GET: noData, ...handler } : { ...handler };
  return Object.entries(handlers).map(([method, handle]) => [
    method as Method,
    (ctx) => respond(ctx, handle, component),
  ]);
}

const noData = () => ({ data: undefined });

async function respond<State>(
  ctx: Context<State>,
  handle: HandlerFn<unknown, State>,
  component: RouteComponent<State> | undefined,
): Promise<Response> {
  const result = await handle(ctx);
  if (result instanceof Response) return result;
  if (!component) throw new Error(`the route ${ctx.route} returns data but has no page`);
  const { data, ...init } = result;
  return ctx.render(createView(ctx, component, data, null), init);
}

/** A middleware that changes what surrounds the pages after it. */
export function framing<State>(change: (outer: Frame<State>) => Frame<State>): Middleware<State> {
  return async (ctx) => {
    const outer = ctx.frame;
    ctx.frame = change(outer);
    try {
      return await ctx.next();
    } finally {
      ctx.frame = outer;
    }
  };
}

/** A middleware that answers errors of what comes after it, by a page or a function. */
export function rescue<State>(
  answer: Route<State> | Middleware<State>,
  applies: (error: unknown) => boolean = () => true,
): Middleware<State> {
  return async (ctx) => {
    try {
      return await ctx.next();
    } catch (error) {
      if (!applies(error)) throw error;
      ctx.error = error;
      if (typeof answer === "function") return await answer(ctx);
      const view = answer.component && createView(ctx, answer.component, undefined, null);
      return await ctx.render(view ?? null, { status: statusOf(error) });
    }
  };
}

/** The HTTP status that an error stands for. */
export function statusOf(error: unknown): number {
  return error instanceof HttpError ? error.status : 500;
}

/** The last resort when no error page answers: text without any detail of an internal error. */
export function plainAnswer(error: unknown): Response {
  const status = statusOf(error);
  if (status >= 500) console.error(error);
  const text = error instanceof HttpError && error.message || `Error ${status}`;
  return new Response(text, { status });
}
