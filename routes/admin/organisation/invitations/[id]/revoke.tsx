import { HttpError } from "fresh";
import { define } from "../../../../../lib/web/mod.ts";
import { QuestionPage, questionRoute } from "../../../../(_components)/question_page.tsx";
import { revokeInvitationQuestion } from "../../../(_components)/questions.ts";

/** Revokes an invitation. */
export const handler = questionRoute({
  async find({ params, state }) {
    const found = (await state.services.invitations.list()).find(({ id }) => id === params.id);
    if (!found) throw new HttpError(404, "There is no such invitation any more.");
    return found;
  },
  question: revokeInvitationQuestion,
  home: () => "/admin/organisation#invite",
  async act({ state: { services } }, { id, name }) {
    await services.invitations.revoke(id);
    return {
      action: "revoked an invitation",
      subject: `“${name}”`,
      text: `The invitation for ${name} does not work any more.`,
    };
  },
});

export default define.page<typeof handler>(({ data }) => <QuestionPage {...data} />);
