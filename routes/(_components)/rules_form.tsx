import type { RuleChoice } from "../../lib/accounts/mod.ts";
import type { AppPassword } from "../../lib/store/mod.ts";
import { ErrorSummary, Field, type FormProblem } from "./form_problem.tsx";
import { RestrictionFields, restrictionsIn } from "./restrictions.tsx";
import { SenderChoice } from "./sender_choice.tsx";

/** The name of the form for the rules of an app password. */
export const RULES_FORM = "rules";

export interface RulesPageProps {
  readonly password: AppPassword;
  readonly action: string;
  /** Where “Cancel” leads. */
  readonly cancel: string;
  /** Whether the client addresses may be changed that stand for a login. */
  readonly hasAddresses?: boolean;
  readonly problem?: FormProblem;
}

/** A page that changes the rules of an app password, whose text stays as it is. */
export function RulesPage(
  { password, action, cancel, hasAddresses = false, problem }: RulesPageProps,
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
        <SenderChoice form={RULES_FORM} password={password} problem={problem} />
        <RestrictionFields form={RULES_FORM} password={password} problem={problem} />
        {hasAddresses && (
          <Field
            form={RULES_FORM}
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
export function ruleChoiceIn(form: URLSearchParams): RuleChoice {
  const senderRule = form.get("sender-rule") ?? undefined;
  return {
    senderRule,
    allowedSender: senderRule === "only" ? form.get("allowed-sender") ?? "" : "",
    ...restrictionsIn(form),
    clientAddresses: form.get("client-addresses") ?? undefined,
  };
}
