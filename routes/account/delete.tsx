import { page } from "fresh";
import { define, endSession, userOf } from "../../lib/web/mod.ts";
import { readConfirmation } from "../(_components)/confirmation.ts";
import { QuestionPage } from "../(_components)/question_page.tsx";
import { deleteQuestion } from "./(_components)/questions.ts";

/** Deletes the account with everything that belongs to it; mail clients that use it are cut off. */
export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "Delete your account here?";
    return page();
  },
  async POST(ctx) {
    await readConfirmation(ctx);
    const { state: { services } } = ctx;
    const { id, email } = userOf(ctx.state).account;
    await services.accounts.delete(id);
    await services.audit.record(email, "deleted an account", email);
    return endSession(ctx, "Your account here is deleted. Your mailbox at Microsoft stays.");
  },
});

export default define.page<typeof handler>(({ state: { site } }) => (
  <QuestionPage question={deleteQuestion(site)} cancel={site.path("/account")} />
));
