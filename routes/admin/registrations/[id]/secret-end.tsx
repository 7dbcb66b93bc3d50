import { HttpError } from "fresh";
import { define } from "../../../../lib/web/mod.ts";
import { QuestionPage, questionRoute } from "../../../(_components)/question_page.tsx";
import { secretEndQuestion } from "../../(_components)/questions.ts";

/** Enters the end of the client secret of an app registration. */
export const handler = questionRoute({
  async find({ params, state }) {
    const known = await state.services.registrations.list();
    const found = known.find(({ clientId }) => clientId === params.id);
    if (!found) throw new HttpError(404, "The settings name no such app registration.");
    return found;
  },
  question: secretEndQuestion,
  home: () => "/admin",
  async act({ state: { services } }, { clientId }, form) {
    const day = form.get("secret-end") ?? "";
    await services.registrations.enterEnd(clientId, day);
    return {
      action: "entered the end of a client secret",
      subject: clientId,
      text: `The client secret expires on ${day.trim()}. You are warned 30 and 7 days before.`,
    };
  },
});

export default define.page<typeof handler>(({ data }) => <QuestionPage {...data} />);
