import { type Context, HttpError, page } from "fresh";
import type { Invitation } from "../../../../../lib/store/mod.ts";
import { actorOf, define, redirectWithFlash, type State } from "../../../../../lib/web/mod.ts";
import { readConfirmation } from "../../../../(_components)/confirmation.ts";
import { QuestionPage } from "../../../../(_components)/question_page.tsx";
import { revokeInvitationQuestion } from "../../../(_components)/questions.ts";

/** Revokes an invitation. */
export const handler = define.handlers({
  async GET(ctx) {
    const invitation = await invitationOf(ctx);
    ctx.state.title = `Revoke the invitation for ${invitation.name}?`;
    return page({ invitation });
  },
  async POST(ctx) {
    await readConfirmation(ctx);
    const { id, name } = await invitationOf(ctx);
    const { invitations, audit } = ctx.state.services;
    await invitations.revoke(id);
    await audit.record(actorOf(ctx.state), "revoked an invitation", `“${name}”`);
    return redirectWithFlash(
      ctx,
      "/admin/organisation#invite",
      `The invitation for ${name} does not work any more.`,
    );
  },
});

/** @throws {HttpError} 404 */
async function invitationOf({ params, state }: Context<State>): Promise<Invitation> {
  const found = (await state.services.invitations.list()).find(({ id }) => id === params.id);
  if (!found) throw new HttpError(404, "There is no such invitation any more.");
  return found;
}

export default define.page<typeof handler>(({ data: { invitation }, state: { site } }) => (
  <QuestionPage
    question={revokeInvitationQuestion(site, invitation)}
    cancel={site.path("/admin/organisation#invite")}
  />
));
