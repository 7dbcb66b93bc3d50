import { type Context, page } from "fresh";
import { InputError, parseMailboxList } from "../../../lib/accounts/mod.ts";
import { MicrosoftError } from "../../../lib/microsoft/mod.ts";
import { NotAllowedError } from "../../../lib/sign_in/mod.ts";
import { actorOf, define, redirectWithFlash, type State } from "../../../lib/web/mod.ts";
import { applyForm } from "../../(_components)/apply_form.ts";
import { MAILBOX_FORM, OrganisationView } from "./(_components)/mailboxes.tsx";
import { organisationData } from "./(_components)/organisation_data.ts";

/** A list of some thousand mailboxes. */
const MAX_LIST_OCTETS = 1_048_576;

/** The mailboxes that nobody signs in to: GET shows them, POST adds some. */
export const handler = define.handlers({
  GET: async (ctx) => page(await organisationData(ctx.state, ctx.url.searchParams)),
  async POST(ctx) {
    const add = (form: URLSearchParams) => addMailboxes(ctx, form);
    const result = await applyForm(ctx, MAILBOX_FORM, add, MAX_LIST_OCTETS);
    if ("done" in result) return result.done;
    const problem = { ...result.problem, field: "mailboxes" };
    const data = await organisationData(ctx.state, ctx.url.searchParams, problem);
    return page(data, { status: 400 });
  },
});

async function addMailboxes(ctx: Context<State>, form: URLSearchParams): Promise<Response> {
  const { mailboxes, audit } = ctx.state.services;
  const clientId = form.get("registration") || undefined;
  let newCount = 0;
  for (const listed of parseMailboxList(form.get("mailboxes") ?? "")) {
    const { account, created } = await mailboxes.add({ ...listed, clientId }).catch(refuse);
    if (created) newCount++;
    const action = created ? "added a mailbox" : "updated a mailbox";
    await audit.record(actorOf(ctx.state), action, account.email);
  }
  const text = newCount === 1 ? "1 mailbox is added." : `${newCount} mailboxes are added.`;
  return redirectWithFlash(ctx, "/admin/organisation", text);
}

/** @throws {InputError} for what Microsoft or an account filter does not let in. */
function refuse(error: unknown): never {
  if (!(error instanceof NotAllowedError || error instanceof MicrosoftError)) throw error;
  const { title, remedy } = error.explanation;
  throw new InputError("mailbox", `${title}. ${remedy}`);
}

export default define.page<typeof handler>(({ data, state: { site } }) => (
  <OrganisationView data={data} site={site} />
));
