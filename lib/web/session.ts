import { type Context, HttpError } from "fresh";
import { isAdmin } from "../sign_in/mod.ts";
import { safePath } from "../http/mod.ts";
import { setCookies } from "./set_cookies.ts";
import { define, type SignedInUser, type State } from "./state.ts";

/** Finds out who is signed in. */
export const session = define.middleware(async (ctx) => {
  const cookie = ctx.req.headers.get("cookie");
  ctx.state.user = await readUser(ctx.state, cookie);
  ctx.state.isExpired = !ctx.state.user && hasSessionCookie(ctx.state, cookie);
  return ctx.next();
});

/** Under the name for plain HTTP or the one for HTTPS, see `lib/cookie.ts`. */
function hasSessionCookie({ services: { sessionCookie } }: State, cookie: string | null): boolean {
  const names = (cookie ?? "").split(";").map((pair) => pair.split("=", 1)[0]!.trim());
  return names.includes(sessionCookie) || names.includes(`__Host-${sessionCookie}`);
}

async function readUser(
  { services }: State,
  cookie: string | null,
): Promise<SignedInUser | undefined> {
  const session = await services.sessions.read(cookie);
  const account = session && await services.store.accounts.get(session.accountId);
  return account && { session, account };
}

/** Sends who is not signed in to the start page, and from there back here after the sign-in. */
export const requireUser = define.middleware((ctx) => {
  const { user, site } = ctx.state;
  if (user) return ctx.next();
  const wanted = ctx.req.method === "GET" ? ctx.url.pathname + ctx.url.search : undefined;
  const next = safePath(wanted, "/account");
  return ctx.redirect(site.path(`/?next=${encodeURIComponent(next)}`), 303);
});

/** Lets only those in whom the operator has named in `ADMIN_EMAILS`. Comes after {@linkcode requireUser}. */
export const requireAdmin = define.middleware((ctx) => {
  if (isOperator(ctx.state)) return ctx.next();
  throw new HttpError(
    403,
    "This page is for the accounts that the operator names in ADMIN_EMAILS.",
  );
});

/** Whether the signed-in user may open the admin pages. */
export function isOperator({ user, services }: State): boolean {
  return user !== undefined && isAdmin(user.account, services.adminEmails);
}

/** The user of a route that lies behind {@linkcode requireUser}. */
export function userOf({ user }: State): SignedInUser {
  if (!user) throw new Error("this route does not lie behind requireUser");
  return user;
}

/** Signs this browser out and sends it to the start page. */
export async function endSession(ctx: Context<State>): Promise<Response> {
  const { services, site } = ctx.state;
  const response = ctx.redirect(site.path("/"), 303);
  setCookies(response.headers, await services.sessions.end(userOf(ctx.state).session, site.secure));
  return response;
}
