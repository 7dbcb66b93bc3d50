import { type Context, HttpError } from "fresh";
import { ONE_TIME_LINK } from "../admin/mod.ts";
import { isAdmin } from "../sign_in/mod.ts";
import { safePath } from "../http/mod.ts";
import { define, type SignedInUser, type State } from "./utils.ts";

/** Reads the session cookie: adds the signed-in user to the state. */
export const session = define.middleware(async (ctx) => {
  const cookie = ctx.req.headers.get("cookie");
  ctx.state.user = await readUser(ctx.state, cookie);
  ctx.state.hasAdminLink = await ctx.state.services.adminAccess.has(cookie);
  ctx.state.isExpired = !ctx.state.user && hasSessionCookie(ctx.state, cookie);
  return ctx.next();
});

/** Under the name for plain HTTP or the one for HTTPS, see `lib/http/cookie.ts`. */
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
  if (!account) return undefined;
  if (!services.signUpPolicy.refusal(account)) return { session, account };
  // The operator has excluded the account since it signed in.
  await services.accounts.signOutEverywhere(account.id);
  return undefined;
}

/** Sends visitors who are not signed in to the start page, and back here after the sign-in. */
export const requireUser = define.middleware((ctx) =>
  ctx.state.user ? ctx.next() : toStartPage(ctx)
);

function toStartPage(ctx: Context<State>): Response {
  const { site } = ctx.state;
  const here = site.localPath(ctx.url.pathname) + ctx.url.search;
  const next = safePath(ctx.req.method === "GET" ? here : undefined, "/account");
  return ctx.redirect(site.path(`/?next=${encodeURIComponent(next)}`), 303);
}

/** Admits only operators: see {@linkcode isOperator}. */
export const requireAdmin = define.middleware((ctx) => {
  if (isOperator(ctx.state)) return ctx.next();
  if (!ctx.state.user) return toStartPage(ctx);
  throw new HttpError(
    403,
    "This page is for the accounts that the operator names in ADMIN_EMAILS.",
  );
});

/** Whether the browser may open the admin pages: of an account in `ADMIN_EMAILS`, or by a one-time link. */
export function isOperator({ user, services, hasAdminLink = false }: State): boolean {
  return hasAdminLink || user !== undefined && isAdmin(user.account, services.adminEmails);
}

/** Returns the name of who acts, for the audit trail. */
export function actorOf({ user }: State): string {
  return user?.account.email ?? ONE_TIME_LINK;
}

/** Returns the user of a route behind {@linkcode requireUser}. @throws {Error} elsewhere. */
export function userOf({ user }: State): SignedInUser {
  if (!user) throw new Error("this route does not lie behind requireUser");
  return user;
}

/** Signs this browser out and sends it to the start page, which tells it. @param text A sentence. */
export async function endSession(ctx: Context<State>, text: string): Promise<Response> {
  const { services, site } = ctx.state;
  const response = ctx.redirect(site.path("/"), 303);
  setCookies(response.headers, [
    await services.sessions.end(userOf(ctx.state).session, site.secure),
    services.carried.newPassword.clear(site.secure),
    services.carried.flash.set(text, site.secure),
  ]);
  return response;
}

/** Adds `Set-Cookie` headers, one for each value (RFC 6265 section 3: they cannot be folded into one). */
export function setCookies(headers: Headers, values: readonly string[]): Headers {
  for (const value of values) headers.append("set-cookie", value);
  return headers;
}
