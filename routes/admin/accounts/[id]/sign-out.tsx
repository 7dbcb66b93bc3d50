import { define } from "../../../../lib/web/mod.ts";
import { QuestionPage } from "../../../(_components)/question_page.tsx";
import { operatorAction } from "../../(_components)/operator_action.ts";
import { signOutQuestion } from "../../(_components)/questions.ts";

/** Ends the web sessions of an account. */
export const handler = operatorAction({
  name: () => "signed out all browsers of an account",
  question: (site, { account }) => signOutQuestion(site, account),
  async act({ services }, { account }) {
    await services.accounts.signOutEverywhere(account.id);
    return true;
  },
  tell: ({ account }) => `${account.email} is signed out of all browsers.`,
});

export default define.page<typeof handler>(({ data }) => <QuestionPage {...data} />);
