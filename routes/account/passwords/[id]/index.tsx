import { type Context, page } from "fresh";
import { define, type State } from "../../../../lib/web/mod.ts";
import { newPasswordData, ownPassword } from "../../(_components)/new_password.ts";
import { NewPasswordView } from "../../(_components)/new_password_view.tsx";
import { PasswordView } from "../../(_components)/password_view.tsx";

/** An app password: for some minutes after it was created with its text, later without. */
export const handler = define.handlers({
  async GET(ctx) {
    const appPassword = await ownPassword(ctx);
    const created = newPasswordData(ctx.state, appPassword, guideOf(ctx), ctx.req.headers);
    ctx.state.title = created ? `New app password “${appPassword.name}”` : appPassword.name;
    return page({ appPassword, created });
  },
});

function guideOf({ url }: Context<State>): string {
  return url.searchParams.get("guide") ?? "";
}

export default define.page<typeof handler>(({ data: { created, appPassword }, state: { site } }) =>
  created
    ? <NewPasswordView data={created} site={site} />
    : <PasswordView appPassword={appPassword} site={site} />
);
