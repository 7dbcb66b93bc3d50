import { page } from "fresh";
import { InputError } from "../../../lib/accounts/mod.ts";
import { define, readForm, type State, userOf } from "../../../lib/web/mod.ts";
import { AccountView } from "../(_components)/account_view.tsx";
import { NewPasswordView } from "../(_components)/new_password_view.tsx";
import { restrictionsIn } from "../../(_components)/restrictions.tsx";
import {
  type AccountData,
  accountData,
  type NewPasswordData,
  newPasswordData,
} from "../(_components)/account_data.ts";

type Result = { readonly created: NewPasswordData } | { readonly refused: AccountData };

/** Makes an app password and shows it, this one time: the answer to the form is the page, and is kept nowhere. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/account"), 303),
  async POST(ctx) {
    const form = await readForm(ctx.req, ctx.state.services.clock);
    const result = await create(ctx.state, form);
    ctx.state.title = "created" in result ? "New app password" : "Your account";
    return page(result, {
      status: "created" in result ? 200 : 400,
      headers: { "cache-control": "no-store" },
    });
  },
});

async function create(state: State, form: URLSearchParams): Promise<Result> {
  const choice = {
    name: form.get("name") ?? "",
    senderRule: form.get("sender-rule") ?? undefined,
    allowedSender: form.get("allowed-sender") ?? "",
    ...restrictionsIn(form),
  };
  try {
    const { id } = userOf(state).account;
    const created = await state.services.accounts.createAppPassword(id, choice);
    return { created: newPasswordData(state, created) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const problem = { form: "app-password", text: error.message, entered: form } as const;
    return { refused: await accountData(state, problem) };
  }
}

export default define.page<typeof handler>(({ data, state: { site } }) =>
  "created" in data
    ? <NewPasswordView data={data.created} site={site} />
    : <AccountView data={data.refused} site={site} />
);
