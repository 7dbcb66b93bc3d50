import { page } from "fresh";
import { define } from "../../../../lib/web/mod.ts";
import { applyForm } from "../../../(_components)/apply_form.ts";
import { type MailboxData, mailboxData, mailboxOf } from "../(_components)/mailbox_data.ts";
import { MailboxView } from "../(_components)/mailbox_view.tsx";
import { PROOF_FORM } from "../(_components)/proof.tsx";

/** One mailbox with its devices. POST proves by a sign-in upstream, and by a message if wanted, that it can send. */
export const handler = define.handlers({
  async GET(ctx) {
    return page(await mailboxData(ctx));
  },
  async POST(ctx) {
    const account = await mailboxOf(ctx);
    const result = await applyForm(ctx, PROOF_FORM, (form) => {
      const recipient = form.has("send") ? form.get("recipient") ?? "" : undefined;
      return ctx.state.services.mailboxes.prove(account, recipient);
    });
    const data: MailboxData = await mailboxData(ctx);
    if ("problem" in result) return page({ ...data, problem: result.problem }, { status: 400 });
    return page({ ...data, proof: result.done });
  },
});

export default define.page<typeof handler>(({ data, state: { site } }) => (
  <MailboxView data={data} site={site} />
));
