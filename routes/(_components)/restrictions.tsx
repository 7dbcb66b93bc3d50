import type { AppPassword } from "../../lib/store/mod.ts";
import { Field, type FormProblem } from "./form_problem.tsx";

interface RestrictionFieldsProps {
  /** The form's name, unique on its page. */
  readonly form: string;
  /** The app password that has rules already. Absent: new ones. */
  readonly password?: AppPassword;
  readonly problem?: FormProblem;
}

/** Fields that restrict the recipients and the number of messages of app passwords. */
export function RestrictionFields({ form, password, problem }: RestrictionFieldsProps) {
  const entered = problem?.form === form ? problem.entered : undefined;
  const isUsed = Boolean(entered?.get("allowed-recipients") || entered?.get("daily-limit"));
  return (
    <details class="more" open={password !== undefined || isUsed}>
      <summary>Limit recipients and messages</summary>
      <Field
        form={form}
        name="allowed-recipients"
        label="Recipients it may write to"
        value={password?.allowedRecipients?.replaceAll(" ", ", ")}
        problem={problem}
        input={{ placeholder: "Anyone, or for example: example.com, anna@example.org" }}
        help="Addresses and domains, separated by commas. A scanner that writes to your own domain only is of no use
          to a thief."
      />
      <Field
        form={form}
        name="daily-limit"
        label="Messages within 24 hours"
        value={password?.dailyLimit?.toString()}
        problem={problem}
        input={{ inputMode: "numeric", placeholder: "Any number" }}
        help="A message to three people counts as three. Above the limit, devices are told to try again later."
      />
    </details>
  );
}

/** Returns the restrictions that these fields ask for. */
export function restrictionsIn(form: URLSearchParams) {
  return {
    allowedRecipients: form.get("allowed-recipients") ?? undefined,
    dailyLimit: form.get("daily-limit") ?? undefined,
  };
}

/** The restrictions of an app password, in sentences; nothing if there are none. */
export function RestrictionsText(
  { password: { allowedRecipients, dailyLimit, clientAddresses } }: { password: AppPassword },
) {
  return (
    <>
      {allowedRecipients && (
        <>
          {" "}Only to <code>{allowedRecipients.replaceAll(" ", ", ")}</code>.
        </>
      )}
      {dailyLimit && ` At most ${dailyLimit} messages within 24 hours.`}
      {clientAddresses && (
        <>
          {" "}Without a login from <code>{clientAddresses.replaceAll(" ", ", ")}</code>.
        </>
      )}
    </>
  );
}
