import { subjectOf } from "../../../../lib/admin/mod.ts";
import { define } from "../../../../lib/web/mod.ts";
import { refuseGone, renameQuestion } from "../../../(_components)/app_passwords.tsx";
import { QuestionPage, questionRoute } from "../../../(_components)/question_page.tsx";
import { ownPassword } from "../../(_components)/new_password.ts";

/** Renames an app password. */
export const handler = questionRoute({
  find: ownPassword,
  question: (site, { path, password }) => renameQuestion(site.path(path), password),
  home: ({ home }) => home,
  async act({ state: { services } }, { account, password }, form) {
    const name = form.get("name") ?? "";
    if (!await services.accounts.renameAppPassword(account.id, password.id, name)) refuseGone();
    return {
      action: "renamed an app password",
      subject: subjectOf(account, password),
      text: `“${password.name}” is now called “${name.trim()}”.`,
    };
  },
});

export default define.page<typeof handler>(({ data }) => <QuestionPage {...data} />);
