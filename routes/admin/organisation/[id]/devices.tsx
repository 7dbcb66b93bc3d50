import { type Context, page } from "fresh";
import { subjectOf } from "../../../../lib/admin/mod.ts";
import { parseDeviceList } from "../../../../lib/accounts/mod.ts";
import { endpointsOf } from "../../../../lib/guides/mod.ts";
import { actorOf, define, type State } from "../../../../lib/web/mod.ts";
import { applyForm } from "../../../(_components)/apply_form.ts";
import { restrictionsIn } from "../../../(_components)/restrictions.tsx";
import { DEVICE_FORM } from "../(_components)/device_form.tsx";
import { DeviceSheets, type SheetsData } from "../(_components)/device_sheets.tsx";
import { type MailboxData, mailboxData } from "../(_components)/mailbox_data.ts";
import { MailboxView } from "../(_components)/mailbox_view.tsx";

type Result = { readonly sheets: SheetsData } | { readonly refused: MailboxData };

/**
 * Creates app passwords for a list of devices and shows them, this one time: the answer to the form is the page, and is kept
 * nowhere. Sent again, the form is refused, since the names are taken.
 */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path(`/admin/organisation/${ctx.params.id}`), 303),
  async POST(ctx) {
    const data = await mailboxData(ctx);
    const result = await applyForm(ctx, DEVICE_FORM, (form) => createDevices(ctx, data, form));
    if ("problem" in result) {
      const { field, ...problem } = result.problem;
      const shown = { ...problem, field: FIELDS.includes(field) ? field : "devices" };
      return page({ refused: { ...data, problem: shown } } as Result, { status: 400 });
    }
    ctx.state.title = "New devices – Admin";
    ctx.state.isWide = false;
    return page({ sheets: result.done } as Result);
  },
});

/** Fields of the form; what else may be wrong is in the list of devices. */
const FIELDS: readonly string[] = ["allowed-recipients", "daily-limit"];

async function createDevices(
  { state }: Context<State>,
  { account, devices }: MailboxData,
  form: URLSearchParams,
): Promise<SheetsData> {
  const { accounts, audit, smtp } = state.services;
  const known = devices.map(({ name }) => name);
  const rules = { senderRule: form.get("sender-rule") ?? undefined, ...restrictionsIn(form) };
  const choices = parseDeviceList(form.get("devices") ?? "", known)
    .map((device) => ({ ...device, ...rules }));
  const created = await accounts.createAppPasswords(account.id, choices);
  for (const { appPassword } of created) {
    await audit.record(actorOf(state), "created an app password", subjectOf(account, appPassword));
  }
  return { account, created, host: smtp.publicHost, endpoints: endpointsOf(smtp) };
}

export default define.page<typeof handler>(({ data, state: { site } }) =>
  "sheets" in data
    ? <DeviceSheets data={data.sheets} site={site} />
    : <MailboxView data={data.refused} site={site} />
);
