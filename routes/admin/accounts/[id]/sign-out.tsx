import { define } from "../../../../lib/web/mod.ts";
import { QuestionPage, questionRoute } from "../../../(_components)/question_page.tsx";
import { accountPath, namedAccount } from "../../(_components)/named_account.ts";
import { signOutQuestion } from "../../(_components)/questions.ts";

/** Ends the web sessions of an account. */
export const handler = questionRoute({
  find: namedAccount,
  question: signOutQuestion,
  home: accountPath,
  async act({ state: { services } }, { id, email }) {
    await services.accounts.signOutEverywhere(id);
    return {
      action: "signed out all browsers of an account",
      subject: email,
      text: `${email} is signed out of all browsers.`,
    };
  },
});

export default define.page<typeof handler>(({ data }) => <QuestionPage {...data} />);
