import { type Context, HttpError, page } from "fresh";
import type { KnownRegistration } from "../../../../lib/program/mod.ts";
import { actorOf, define, redirectWithFlash, type State } from "../../../../lib/web/mod.ts";
import type { FormProblem } from "../../../(_components)/form_problem.tsx";
import { QuestionPage } from "../../../(_components)/question_page.tsx";
import { applyForm } from "../../../account/(_components)/apply_form.ts";
import { secretEndQuestion } from "../../(_components)/questions.ts";

/** Enters the end of the client secret of an app registration. */
export const handler = define.handlers({
  async GET(ctx) {
    const registration = await registrationOf(ctx);
    ctx.state.title = "Expiry date of a client secret – Admin";
    return page({ registration, problem: undefined as FormProblem | undefined });
  },
  async POST(ctx) {
    const registration = await registrationOf(ctx);
    const { clientId } = registration;
    const { registrations, audit } = ctx.state.services;
    const result = await applyForm(ctx, "question", async (form) => {
      const day = form.get("secret-end") ?? "";
      await registrations.enterEnd(clientId, day);
      return day.trim();
    });
    if ("problem" in result) {
      ctx.state.title = "Expiry date of a client secret – Admin";
      return page({ registration, problem: result.problem }, { status: 400 });
    }
    await audit.record(actorOf(ctx.state), "entered the end of a client secret", clientId);
    return redirectWithFlash(
      ctx,
      "/admin",
      `The client secret expires on ${result.done}. You are warned 30 and 7 days before.`,
    );
  },
});

/** @throws {HttpError} 404 */
async function registrationOf({ params, state }: Context<State>): Promise<KnownRegistration> {
  const known = await state.services.registrations.list();
  const found = known.find(({ clientId }) => clientId === params.id);
  if (!found) throw new HttpError(404, "The settings name no such app registration.");
  return found;
}

export default define.page<typeof handler>(({ data, state: { site } }) => (
  <QuestionPage
    question={secretEndQuestion(site, data.registration)}
    cancel={site.path("/admin")}
    problem={data.problem}
  />
));
