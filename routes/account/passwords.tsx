import { page } from "fresh";
import { InputError } from "../../lib/accounts.ts";
import { readForm } from "../../lib/web/form.ts";
import { userOf } from "../../lib/web/session.ts";
import { define, type State } from "../../lib/web/state.ts";
import { type AccountData, accountData } from "../parts/account_data.ts";
import { AccountView } from "../parts/account_view.tsx";

/** Makes an app password and shows it, this one time: the answer to the form is the page, and is kept nowhere. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/account"), 303),
  async POST(ctx) {
    const name = (await readForm(ctx.req)).get("name") ?? "";
    const data = await create(ctx.state, name);
    ctx.state.title = data.problem ? "Your account" : "New app password";
    return page(data, {
      status: data.problem ? 400 : 200,
      headers: { "cache-control": "no-store" },
    });
  },
});

async function create(state: State, name: string): Promise<AccountData> {
  try {
    const { id } = userOf(state).account;
    const created = await state.services.accounts.createAppPassword(id, { name });
    return await accountData(state, { created });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return await accountData(state, { problem: error.message });
  }
}

export default define.page<typeof handler>(({ data, state }) => (
  <AccountView data={data} site={state.site} />
));
