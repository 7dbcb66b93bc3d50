import { type Context, HttpError, page } from "fresh";
import { subjectOf } from "../../../../../../lib/admin/mod.ts";
import { actorOf, define, redirectWithFlash, type State } from "../../../../../../lib/web/mod.ts";
import {
  ruleChoiceIn,
  RULES_FORM,
  RulesPage,
  type RulesPageProps,
} from "../../../../../(_components)/rules_form.tsx";
import { applyForm } from "../../../../../account/(_components)/apply_form.ts";
import { pathOf, targetOf } from "../../../../(_components)/operator_action.ts";

/** Changes the rules of an app password of any account. */
export const handler = define.handlers({
  async GET(ctx) {
    const props = await propsOf(ctx);
    ctx.state.title = `Rules of “${props.password.name}”`;
    return page(props);
  },
  async POST(ctx) {
    const { account, password } = await targetOf(ctx);
    const { accounts, audit } = ctx.state.services;
    const result = await applyForm(ctx, RULES_FORM, async (form) => {
      if (await accounts.changeAppPassword(account.id, password!.id, ruleChoiceIn(form))) return;
      throw new HttpError(404, "That is gone already.");
    });
    if ("problem" in result) {
      ctx.state.title = `Rules of “${password!.name}”`;
      return page({ ...await propsOf(ctx), problem: result.problem }, { status: 400 });
    }
    const subject = subjectOf(account, password!);
    await audit.record(actorOf(ctx.state), "changed the rules of an app password", subject);
    const text = `The new rules of “${password!.name}” apply from its next message.`;
    return redirectWithFlash(ctx, pathOf({ account }), text);
  },
});

async function propsOf(ctx: Context<State>): Promise<RulesPageProps> {
  const { account, password } = await targetOf(ctx);
  const { site } = ctx.state;
  return {
    password: password!,
    action: site.path(`/admin/accounts/${account.id}/passwords/${password!.id}/rules`),
    cancel: site.path(pathOf({ account })),
    hasAddresses: true,
  };
}

export default define.page<typeof handler>(({ data }) => <RulesPage {...data} />);
