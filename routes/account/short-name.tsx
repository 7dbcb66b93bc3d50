import { HttpError } from "fresh";
import { define, redirectWithFlash, userOf } from "../../lib/web/mod.ts";
import { applyForm } from "../(_components)/apply_form.ts";
import { accountPage, AccountView } from "./(_components)/account_view.tsx";

/** Sets or removes the short SMTP user name. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/account"), 303),
  async POST(ctx) {
    const { account } = userOf(ctx.state);
    const result = await applyForm(ctx, "short-name", async (form) => {
      const { accounts } = ctx.state.services;
      const wanted = form.get("short-name") ?? "";
      if (await accounts.setShortName(account.id, wanted)) return wanted.trim();
      throw new HttpError(404, "This account does not exist any more.");
    });
    if ("problem" in result) return accountPage(ctx, result.problem);
    await ctx.state.services.audit.record(account.email, "set a short user name", account.email);
    return redirectWithFlash(
      ctx,
      "/account#settings",
      result.done
        ? `“${result.done.toLowerCase()}” is now your short user name.`
        : "You have no short user name any more.",
    );
  },
});

export default define.page<typeof handler>(AccountView);
