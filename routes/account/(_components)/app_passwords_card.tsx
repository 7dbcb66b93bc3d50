import SubmitOnce from "../../../islands/submit_once.tsx";
import { Icon, keyRound } from "../../../lib/icons/mod.ts";
import type { AppPassword } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import { PasswordCards } from "../../(_components)/app_passwords.tsx";
import { Field, type FormProblem } from "../../(_components)/form_problem.tsx";
import { RestrictionFields } from "../../(_components)/restrictions.tsx";
import { SenderChoice } from "../../(_components)/sender_choice.tsx";
import { ownPath } from "./new_password.ts";

interface AppPasswordsCardProps {
  readonly passwords: readonly AppPassword[];
  readonly site: Site;
  readonly problem?: FormProblem;
}

/** The app passwords, and a form for a new one. */
export function AppPasswordsCard({ passwords, site, problem }: AppPasswordsCardProps) {
  return (
    <section class="card" aria-labelledby="passwords">
      <h2 id="passwords">App passwords</h2>
      <p>One for each device or program, so that you can revoke them one by one.</p>
      <CreateForm action={site.path("/account/passwords")} problem={problem} />
      {passwords.length > 0 && (
        <PasswordCards
          passwords={passwords}
          pathOf={(password) => site.path(ownPath(password))}
        />
      )}
    </section>
  );
}

/** The form's name, for its problems and the ids of its fields. */
const FORM = "app-password";

function CreateForm({ action, problem }: { action: string; problem?: FormProblem }) {
  return (
    <form method="post" action={action}>
      <SubmitOnce />
      <div class="row">
        <Field
          form={FORM}
          name="name"
          label="Name of the device or program"
          problem={problem}
          input={{ required: true, maxLength: 64, placeholder: "Printer, Gmail, …" }}
        />
        <button type="submit">
          <Icon shapes={keyRound} />
          Create an app password
        </button>
      </div>
      <SenderChoice form={FORM} problem={problem} />
      <RestrictionFields form={FORM} problem={problem} />
    </form>
  );
}
