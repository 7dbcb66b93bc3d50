import { type Context, HttpError, page } from "fresh";
import { subjectOf } from "../../../../lib/admin/mod.ts";
import type { AppPassword } from "../../../../lib/store/mod.ts";
import { define, redirectWithFlash, type State, userOf } from "../../../../lib/web/mod.ts";
import {
  ruleChoiceIn,
  RULES_FORM,
  RulesPage,
  type RulesPageProps,
} from "../../../(_components)/rules_form.tsx";
import { applyForm } from "../../(_components)/apply_form.ts";
import { ownPassword } from "../../(_components)/new_password.ts";

/** Changes the rules of an app password. */
export const handler = define.handlers({
  async GET(ctx) {
    const password = await ownPassword(ctx);
    ctx.state.title = `Rules of “${password.name}”`;
    return page(propsOf(ctx, password));
  },
  async POST(ctx) {
    const password = await ownPassword(ctx);
    const { account } = userOf(ctx.state);
    const { accounts, audit } = ctx.state.services;
    const result = await applyForm(ctx, RULES_FORM, async (form) => {
      // Where an address stands for a login is for the operator to say.
      const choice = { ...ruleChoiceIn(form), clientAddresses: undefined };
      if (await accounts.changeAppPassword(account.id, password.id, choice)) return;
      throw new HttpError(404, "This app password has been revoked.");
    });
    if ("problem" in result) {
      ctx.state.title = `Rules of “${password.name}”`;
      return page({ ...propsOf(ctx, password), problem: result.problem }, { status: 400 });
    }
    const subject = subjectOf(account, password);
    await audit.record(account.email, "changed the rules of an app password", subject);
    return redirectWithFlash(
      ctx,
      "/account#passwords",
      `The new rules of “${password.name}” apply from its next message.`,
    );
  },
});

function propsOf({ state: { site } }: Context<State>, password: AppPassword): RulesPageProps {
  return {
    password,
    action: site.path(`/account/passwords/${password.id}/rules`),
    cancel: site.path("/account#passwords"),
  };
}

export default define.page<typeof handler>(({ data }) => <RulesPage {...data} />);
