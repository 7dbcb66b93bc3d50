import { type Context, page } from "fresh";
import { CodeBlock } from "../../../../islands/copy_button.tsx";
import type { CreatedInvitation } from "../../../../lib/admin/mod.ts";
import { circleCheck, Icon } from "../../../../lib/icons/mod.ts";
import { actorOf, define, type State } from "../../../../lib/web/mod.ts";
import { applyForm } from "../../../(_components)/apply_form.ts";
import { INVITATION_FORM } from "../(_components)/invitations.tsx";
import { type Organisation, OrganisationView } from "../(_components)/mailboxes.tsx";
import { organisationData } from "../(_components)/organisation_data.ts";

type Result = { readonly created: CreatedInvitation } | { readonly refused: Organisation };

/** Makes an invitation and shows its link, this one time. Sent again, the form is refused, since the name is taken. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/admin/organisation#invite"), 303),
  async POST(ctx) {
    const result = await applyForm(ctx, INVITATION_FORM, (form) => create(ctx, form));
    if ("problem" in result) {
      const refused = await organisationData(ctx.state, ctx.url.searchParams, result.problem);
      return page({ refused } as Result, { status: 400 });
    }
    ctx.state.title = "New invitation – Admin";
    return page({ created: result.done } as Result);
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
        <CodeBlock
          id="invitation-link"
          caption="Link"
          text={site.url(`/invite?token=${data.created.token}`).href}
        />
        <div class="actions">
          <a class="button quiet" href={site.path("/admin/organisation#invite")}>
            I have it: back to the organisation
          </a>
        </div>
      </section>
    </>
  )
);
