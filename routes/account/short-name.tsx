import { define, userOf } from "../../lib/web/mod.ts";
import { AccountView } from "./(_components)/account_view.tsx";
import { applyAccountForm } from "./(_components)/account_form.ts";

/** Sets or removes the short SMTP user name. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/account"), 303),
  POST: (ctx) =>
    applyAccountForm(ctx, {
      name: "short-name",
      fragment: "settings",
      gone: "This account does not exist any more.",
      apply: (form) =>
        ctx.state.services.accounts.setShortName(
          userOf(ctx.state).account.id,
          form.get("short-name") ?? "",
        ),
    }),
});

export default define.page<typeof handler>(({ data, state }) => (
  <AccountView data={data} site={state.site} />
));
