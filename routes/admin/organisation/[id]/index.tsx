import { type Context, page } from "fresh";
import type { MailboxProof } from "../../../../lib/accounts/mod.ts";
import { define, type State } from "../../../../lib/web/mod.ts";
import { mailboxData, mailboxOf } from "../(_components)/mailbox_data.ts";
import { MailboxView } from "../(_components)/mailbox_view.tsx";

/** One mailbox with its devices. POST proves by a sign-in upstream that it can send. */
export const handler = define.handlers({
  GET: (ctx) => show(ctx),
  async POST(ctx) {
    const account = await mailboxOf(ctx);
    return await show(ctx, await ctx.state.services.mailboxes.prove(account));
  },
});

async function show(ctx: Context<State>, proof?: MailboxProof) {
  return page({ ...await mailboxData(ctx), proof });
}

export default define.page<typeof handler>(({ data, state: { site } }) => (
  <MailboxView data={data} site={site} />
));
