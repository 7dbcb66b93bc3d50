import type { Context } from "fresh";
import { subjectOf } from "../../../lib/admin/mod.ts";
import { define, setCookies, type State, userOf } from "../../../lib/web/mod.ts";
import { accountPage, AccountView } from "../(_components)/account_view.tsx";
import { restrictionsIn } from "../../(_components)/restrictions.tsx";
import { applyForm } from "../../(_components)/apply_form.ts";

/** Creates an app password and goes to its page, which shows it: a reload there creates no second one. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/account#passwords"), 303),
  async POST(ctx) {
    const result = await applyForm(ctx, "app-password", (form) => create(ctx, form));
    return "done" in result ? result.done : accountPage(ctx, result.problem);
  },
});

async function create(ctx: Context<State>, form: URLSearchParams): Promise<Response> {
  const { services: { accounts, audit, carried }, site } = ctx.state;
  const { account } = userOf(ctx.state);
  const accountId = account.id;
  const { appPassword, password } = await accounts.createAppPassword(accountId, {
    name: form.get("name") ?? "",
    senderRule: form.get("sender-rule") ?? undefined,
    allowedSender: form.get("allowed-sender") ?? "",
    ...restrictionsIn(form),
  });
  const { id } = appPassword;
  await audit.record(account.email, "created an app password", subjectOf(account, appPassword));
  const guide = form.get("guide");
  const query = guide ? `?guide=${encodeURIComponent(guide)}` : "";
  const response = ctx.redirect(site.path(`/account/passwords/${id}${query}`), 303);
  setCookies(response.headers, [
    carried.newPassword.set({ id, accountId, password }, site.secure),
  ]);
  return response;
}

export default define.page<typeof handler>(AccountView);
