import { define } from "../../lib/web/mod.ts";
import { accountPage, AccountView } from "./(_components)/account_view.tsx";

export const handler = define.handlers({ GET: (ctx) => accountPage(ctx) });

/** Settings for mail clients, app passwords, the state of the sign-in, and the way out. */
export default define.page<typeof handler>(AccountView);
