import { define } from "../../../../lib/web/mod.ts";
import { QuestionPage } from "../../../(_components)/question_page.tsx";
import { operatorAction } from "../../(_components)/operator_action.ts";
import { deleteQuestion } from "../../(_components)/questions.ts";

/** Deletes an account. */
export const handler = operatorAction({
  name: ({ account }) => account.appOnly ? "deleted a mailbox" : "deleted an account",
  question: (site, { account }) => deleteQuestion(site, account),
  act: ({ services }, { account }) => services.accounts.delete(account.id),
  tell: ({ account }) => `${account.email} is deleted.`,
  endsAccount: true,
});

export default define.page<typeof handler>(({ data }) => <QuestionPage {...data} />);
