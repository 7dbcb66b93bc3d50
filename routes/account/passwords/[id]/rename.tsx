import { define, userOf } from "../../../../lib/web/mod.ts";
import { AccountView } from "../../(_components)/account_view.tsx";
import { applyAccountForm } from "../../(_components)/account_form.ts";

/** Renames an app password. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/account"), 303),
  POST: (ctx) =>
    applyAccountForm(ctx, {
      name: "rename",
      fragment: "passwords",
      gone: "This app password has been revoked.",
      apply: (form) =>
        ctx.state.services.accounts.renameAppPassword(
          userOf(ctx.state).account.id,
          ctx.params.id ?? "",
          form.get("name") ?? "",
        ),
    }),
});

export default define.page<typeof handler>(({ data, state }) => (
  <AccountView data={data} site={state.site} />
));
