import type { Context, Middleware } from "./context.ts";
import { HttpError } from "./error.ts";

/** Options of {@linkcode csrf}. */
export interface CsrfOptions<State> {
  /** Which origins may send forms. Default: the one of the request's own address. */
  origin?: string | string[] | ((origin: string, ctx: Context<State>) => boolean);
}

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** `none`: the person did it, by the address bar or a bookmark; no other site can bring that about. */
const OWN_SITES: ReadonlySet<string> = new Set(["same-origin", "none"]);

/**
 * Refuses with 403 what could change something and does not come from our own pages, by `Sec-Fetch-Site` (Fetch Metadata)
 * or `Origin` (RFC 6454). A request with neither is refused as well: every browser in use sends one of them.
 */
export function csrf<State>(options: CsrfOptions<State> = {}): Middleware<State> {
  return (ctx) => {
    const { method, headers } = ctx.req;
    const allowed = SAFE_METHODS.has(method) ||
      OWN_SITES.has(headers.get("sec-fetch-site") ?? "") ||
      isAllowed(headers.get("origin"), options.origin, ctx);
    if (!allowed) throw new HttpError(403, "This form was not sent from a page of this site.");
    return ctx.next();
  };
}

function isAllowed<State>(
  origin: string | null,
  allowed: CsrfOptions<State>["origin"],
  ctx: Context<State>,
): boolean {
  if (origin === null) return false;
  if (typeof allowed === "function") return allowed(origin, ctx);
  return [allowed ?? ctx.url.origin].flat().includes(origin);
}
