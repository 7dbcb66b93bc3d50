import { define } from "../../../../../../lib/web/mod.ts";
import { QuestionPage } from "../../../../../(_components)/question_page.tsx";
import { operatorAction } from "../../../../(_components)/operator_action.ts";
import { revokeQuestion } from "../../../../(_components)/questions.ts";

/** Revokes an app password. */
export const handler = operatorAction({
  name: () => "revoked an app password",
  question: (site, { password }) => revokeQuestion(site, password!),
  act: ({ services }, { account, password }) =>
    services.accounts.revokeAppPassword(account.id, password!.id),
  tell: ({ password }) => `“${password!.name}” is revoked.`,
});

export default define.page<typeof handler>(({ data }) => <QuestionPage {...data} />);
