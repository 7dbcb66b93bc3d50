import { type Context, page } from "fresh";
import { InputError, parseMailboxList } from "../../../lib/accounts/mod.ts";
import { MicrosoftError } from "../../../lib/microsoft/mod.ts";
import { NotAllowedError } from "../../../lib/sign_in/mod.ts";
import { actorOf, define, readForm, redirectWithFlash, type State } from "../../../lib/web/mod.ts";
import { MAILBOX_FORM, OrganisationView } from "./(_components)/mailboxes.tsx";
import { organisationData } from "./(_components)/organisation_data.ts";

/** A list of some thousand mailboxes. */
const MAX_LIST_OCTETS = 1_048_576;

/** The mailboxes that nobody signs in to: GET shows them, POST adds some. */
export const handler = define.handlers({
  GET: async (ctx) => page(await organisationData(ctx.state, ctx.url.searchParams)),
  async POST(ctx) {
    const entered = await readForm(ctx.req, ctx.state.services.clock, MAX_LIST_OCTETS);
    try {
      return await addMailboxes(ctx, entered);
    } catch (error) {
      const text = problemIn(error);
      const problem = { form: MAILBOX_FORM, field: "mailboxes", text, entered };
      return page(await organisationData(ctx.state, ctx.url.searchParams, problem), {
        status: 400,
      });
    }
  },
});

async function addMailboxes(ctx: Context<State>, form: URLSearchParams): Promise<Response> {
  const { mailboxes, audit } = ctx.state.services;
  const clientId = form.get("registration") || undefined;
  let newCount = 0;
  for (const listed of parseMailboxList(form.get("mailboxes") ?? "")) {
    const { account, created } = await mailboxes.add({ ...listed, clientId });
    if (created) newCount++;
    const action = created ? "added a mailbox" : "updated a mailbox";
    await audit.record(actorOf(ctx.state), action, account.email);
  }
  const text = newCount === 1 ? "1 mailbox is added." : `${newCount} mailboxes are added.`;
  return redirectWithFlash(ctx, "/admin/organisation", text);
}

function problemIn(error: unknown): string {
  if (error instanceof InputError) return error.message;
  if (error instanceof NotAllowedError || error instanceof MicrosoftError) {
    const { title, remedy } = error.explanation;
    return `${title}. ${remedy}`;
  }
  throw error;
}

export default define.page<typeof handler>(({ data, state: { site } }) => (
  <OrganisationView data={data} site={site} />
));
