import { HttpError, page } from "fresh";
import { subjectOf } from "../../../../lib/admin/mod.ts";
import { define, redirectWithFlash, userOf } from "../../../../lib/web/mod.ts";
import { QuestionPage } from "../../../(_components)/question_page.tsx";
import { ownPassword } from "../../(_components)/new_password.ts";
import { revokeQuestion } from "../../(_components)/questions.ts";

/** Revokes an app password; connections that were opened with it are cut. */
export const handler = define.handlers({
  async GET(ctx) {
    const appPassword = await ownPassword(ctx);
    ctx.state.title = `Revoke “${appPassword.name}”?`;
    return page({ appPassword });
  },
  async POST(ctx) {
    const { id, name } = await ownPassword(ctx);
    const { account } = userOf(ctx.state);
    if (!await ctx.state.services.accounts.revokeAppPassword(account.id, id)) {
      throw new HttpError(404, "This app password has already been revoked.");
    }
    const subject = subjectOf(account, { name });
    await ctx.state.services.audit.record(account.email, "revoked an app password", subject);
    return redirectWithFlash(
      ctx,
      "/account#passwords",
      `“${name}” is revoked. Whatever used it cannot send any more.`,
    );
  },
});

export default define.page<typeof handler>(({ data: { appPassword }, state: { site } }) => (
  <QuestionPage
    question={revokeQuestion(site, appPassword)}
    cancel={site.path("/account#passwords")}
  />
));
