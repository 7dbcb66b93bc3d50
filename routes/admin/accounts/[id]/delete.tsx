import { define } from "../../../../lib/web/mod.ts";
import { QuestionPage, questionRoute } from "../../../(_components)/question_page.tsx";
import { accountListPath, accountPath, namedAccount } from "../../(_components)/named_account.ts";
import { deleteQuestion } from "../../(_components)/questions.ts";

/** Deletes an account. */
export const handler = questionRoute({
  find: namedAccount,
  question: deleteQuestion,
  home: accountPath,
  async act({ state: { services } }, account) {
    await services.accounts.delete(account.id);
    return {
      action: account.appOnly ? "deleted a mailbox" : "deleted an account",
      subject: account.email,
      text: `${account.email} is deleted.`,
      next: accountListPath(account),
    };
  },
});

export default define.page<typeof handler>(({ data }) => <QuestionPage {...data} />);
