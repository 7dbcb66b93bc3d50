import { page } from "fresh";
import { define } from "../../lib/web/mod.ts";
import { AccountView } from "./(_components)/account_view.tsx";
import { accountData } from "./(_components)/account_data.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Your account";
    return page(await accountData(ctx.state));
  },
});

/** Settings for mail clients, app passwords, the state of the sign-in, and the way out. */
export default define.page<typeof handler>(({ data, state }) => (
  <AccountView data={data} site={state.site} />
));
