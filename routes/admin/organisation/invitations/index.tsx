import { type Context, page } from "fresh";
import { InputError } from "../../../../lib/accounts/mod.ts";
import type { CreatedInvitation } from "../../../../lib/admin/mod.ts";
import { circleCheck, Icon } from "../../../../lib/icons/mod.ts";
import { actorOf, define, readForm, type State } from "../../../../lib/web/mod.ts";
import { CopyableBlock } from "../../../(_components)/copyable.tsx";
import { INVITATION_FORM } from "../(_components)/invitations.tsx";
import { type Organisation, OrganisationView } from "../(_components)/mailboxes.tsx";
import { organisationData } from "../(_components)/organisation_data.ts";

type Result = { readonly created: CreatedInvitation } | { readonly refused: Organisation };

/** Makes an invitation and shows its link, this one time. Sent again, the form is refused, since the name is taken. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/admin/organisation#invite"), 303),
  async POST(ctx) {
    const entered = await readForm(ctx.req, ctx.state.services.clock);
    try {
      const created = await create(ctx, entered);
      ctx.state.title = "New invitation – Admin";
      return page({ created } as Result);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const problem = { form: INVITATION_FORM, field: error.field, text: error.message, entered };
      const refused = await organisationData(ctx.state, ctx.url.searchParams, problem);
      return page({ refused } as Result, { status: 400 });
    }
  },
});

async function create(ctx: Context<State>, form: URLSearchParams): Promise<CreatedInvitation> {
  const { invitations, audit } = ctx.state.services;
  const created = await invitations.create({
    name: form.get("invitation-name") ?? "",
    days: form.get("invitation-days") ?? "",
    uses: form.get("invitation-uses") ?? "",
  });
  const { name } = created.invitation;
  await audit.record(actorOf(ctx.state), "made an invitation", `“${name}”`);
  return created;
}

export default define.page<typeof handler>(({ data, state: { site } }) =>
  "refused" in data ? <OrganisationView data={data.refused} site={site} /> : (
    <>
      <h1>
        <Icon shapes={circleCheck} class="good" />
        Invitation for {data.created.invitation.name}
      </h1>
      <section class="card">
        <p>
          Send this link, by a way that only they can read. <strong>It is not shown again.</strong>
        </p>
        <CopyableBlock id="invitation-link" label="link">
          {site.url(`/invite?token=${data.created.token}`).href}
        </CopyableBlock>
        <div class="actions">
          <a class="button quiet" href={site.path("/admin/organisation#invite")}>
            I have it: back to the organisation
          </a>
        </div>
      </section>
    </>
  )
);
