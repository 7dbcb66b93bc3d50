/**
 * Flash messages: the result of an action, told once on the page after it.
 *
 * @module
 */
import type { Context } from "fresh";
import { setCookies } from "./session.ts";
import { define, type State } from "./utils.ts";

/** Reads the message from its cookie, for the page that is shown now. */
export const flash = define.middleware(async (ctx) => {
  const { services: { cookies }, site } = ctx.state;
  const told = cookies.flash.read(ctx.req.headers.get("cookie"));
  ctx.state.flash = told?.value;
  const response = await ctx.next();
  // A stream of events or a redirect shows nothing: the message waits for the page.
  const isPage = response.headers.get("content-type")?.startsWith("text/html") ?? false;
  if (told && isPage) response.headers.append("set-cookie", cookies.flash.clear(site.secure));
  return response;
});

/** Redirects to a page of ours after a form (303), and shows there what was done. */
export function redirectWithFlash(ctx: Context<State>, path: string, text: string): Response {
  const { services: { cookies }, site } = ctx.state;
  const response = ctx.redirect(site.path(path), 303);
  setCookies(response.headers, [cookies.flash.set(text, site.secure)]);
  return response;
}
