import { define, endSession, userOf } from "../../lib/web/mod.ts";
import { QuestionPage, questionRoute } from "../(_components)/question_page.tsx";
import { deleteQuestion } from "./(_components)/account_card.tsx";

/** Deletes the account with everything that belongs to it; mail clients that use it are cut off. */
export const handler = questionRoute({
  find: ({ state }) => Promise.resolve(userOf(state).account),
  question: deleteQuestion,
  home: () => "/account",
  async act(ctx, { id, email }) {
    const { accounts, audit } = ctx.state.services;
    await accounts.delete(id);
    await audit.record(email, "deleted an account", email);
    return endSession(ctx, "Your account here is deleted. Your mailbox at Microsoft stays.");
  },
});

export default define.page<typeof handler>(({ data }) => <QuestionPage {...data} />);
