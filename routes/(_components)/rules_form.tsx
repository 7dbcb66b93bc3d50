import { type Context, page } from "fresh";
import type { RuleChoice } from "../../lib/accounts/mod.ts";
import { subjectOf } from "../../lib/admin/mod.ts";
import type { AppPassword } from "../../lib/store/mod.ts";
import { actorOf, define, redirectWithFlash, type State } from "../../lib/web/mod.ts";
import { type NamedPassword, refuseGone } from "./app_passwords.tsx";
import { applyForm } from "./apply_form.ts";
import { ErrorSummary, Field, type FormProblem } from "./form_problem.tsx";
import { RestrictionFields, restrictionsIn } from "./restrictions.tsx";
import { SenderChoice } from "./sender_choice.tsx";

const FORM = "rules";

interface RulesPageProps {
  readonly password: AppPassword;
  readonly action: string;
  /** Where “Cancel” leads. */
  readonly cancel: string;
  /** Whether the client addresses may be changed that stand for a login. */
  readonly hasAddresses: boolean;
  readonly problem?: FormProblem;
}

/** Handles the form that changes the rules of an app password. @param find Finds what the address names. */
export function rulesRoute(
  find: (ctx: Context<State>) => Promise<NamedPassword>,
  { hasAddresses }: Pick<RulesPageProps, "hasAddresses">,
) {
  const ask = (
    ctx: Context<State>,
    { password, path, home }: NamedPassword,
    problem?: FormProblem,
  ) => {
    const { site } = ctx.state;
    ctx.state.title = `Rules of “${password.name}”`;
    const [action, cancel] = [site.path(`${path}/rules`), site.path(home)];
    const props: RulesPageProps = { password, action, cancel, hasAddresses, problem };
    return page(props, { status: problem ? 400 : 200 });
  };
  return define.handlers({
    GET: async (ctx) => ask(ctx, await find(ctx)),
    async POST(ctx) {
      const target = await find(ctx);
      const { account, password, home } = target;
      const { accounts, audit } = ctx.state.services;
      const result = await applyForm(ctx, FORM, async (form) => {
        const choice = ruleChoiceIn(form, hasAddresses);
        if (!await accounts.changeAppPassword(account.id, password.id, choice)) refuseGone();
      });
      if ("problem" in result) return ask(ctx, target, result.problem);
      const subject = subjectOf(account, password);
      await audit.record(actorOf(ctx.state), "changed the rules of an app password", subject);
      const text = `The new rules of “${password.name}” apply from its next message.`;
      return redirectWithFlash(ctx, home, text);
    },
  });
}

/** A page that changes the rules of an app password, whose text stays as it is. */
export function RulesPage(
  { password, action, cancel, hasAddresses, problem }: RulesPageProps,
) {
  return (
    <>
      <ErrorSummary problem={problem} />
      <h1>Rules of “{password.name}”</h1>
      <form class="card" method="post" action={action}>
        <p>
          They apply from the next message. The password stays the same, so that nothing has to be
          changed in the device.
        </p>
        <SenderChoice form={FORM} password={password} problem={problem} />
        <RestrictionFields form={FORM} password={password} problem={problem} />
        {hasAddresses && (
          <Field
            form={FORM}
            name="client-addresses"
            label="Addresses that need no login"
            value={password.clientAddresses?.replaceAll(" ", ", ")}
            problem={problem}
            input={{ placeholder: "None, or for example: 192.168.1.40" }}
            help="Only in networks that SMTP_LOGIN_BY_ADDRESS permits. Whatever has the address may send."
          />
        )}
        <div class="actions">
          <button type="submit">Save the rules</button>
          <a class="button quiet" href={cancel}>Cancel</a>
        </div>
      </form>
    </>
  );
}

/** Returns the rules that the form asks for. The senders count with the choice that they belong to. */
function ruleChoiceIn(form: URLSearchParams, hasAddresses: boolean): RuleChoice {
  const senderRule = form.get("sender-rule") ?? undefined;
  return {
    senderRule,
    allowedSender: senderRule === "only" ? form.get("allowed-sender") ?? "" : "",
    ...restrictionsIn(form),
    clientAddresses: hasAddresses ? form.get("client-addresses") ?? undefined : undefined,
  };
}
