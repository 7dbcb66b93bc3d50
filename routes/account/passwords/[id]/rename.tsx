import { HttpError, page } from "fresh";
import { subjectOf } from "../../../../lib/admin/mod.ts";
import { define, redirectWithFlash, userOf } from "../../../../lib/web/mod.ts";
import type { FormProblem } from "../../../(_components)/form_problem.tsx";
import { QuestionPage } from "../../../(_components)/question_page.tsx";
import { applyForm } from "../../(_components)/apply_form.ts";
import { ownPassword } from "../../(_components)/new_password.ts";
import { renameQuestion } from "../../(_components)/questions.ts";

/** Renames an app password. */
export const handler = define.handlers({
  async GET(ctx) {
    const appPassword = await ownPassword(ctx);
    ctx.state.title = `Rename “${appPassword.name}”`;
    return page({ appPassword, problem: undefined as FormProblem | undefined });
  },
  async POST(ctx) {
    const appPassword = await ownPassword(ctx);
    const { id: accountId } = userOf(ctx.state).account;
    const result = await applyForm(ctx, "question", async (form) => {
      const name = form.get("name") ?? "";
      const { accounts } = ctx.state.services;
      if (await accounts.renameAppPassword(accountId, appPassword.id, name)) return name.trim();
      throw new HttpError(404, "This app password has been revoked.");
    });
    if ("problem" in result) {
      ctx.state.title = `Rename “${appPassword.name}”`;
      return page({ appPassword, problem: result.problem }, { status: 400 });
    }
    const { account } = userOf(ctx.state);
    const subject = subjectOf(account, appPassword);
    await ctx.state.services.audit.record(account.email, "renamed an app password", subject);
    const text = `“${appPassword.name}” is now called “${result.done}”.`;
    return redirectWithFlash(ctx, "/account#passwords", text);
  },
});

export default define.page<typeof handler>(({ data, state: { site } }) => (
  <QuestionPage
    question={renameQuestion(site, data.appPassword)}
    cancel={site.path("/account#passwords")}
    problem={data.problem}
  />
));
