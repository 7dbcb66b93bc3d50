import QuestionButton, { type Question } from "../../../islands/question.tsx";
import type { AccountRecord } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import { Field, type FormProblem } from "../../(_components)/form_problem.tsx";

interface AccountCardProps {
  readonly account: AccountRecord;
  readonly site: Site;
  readonly problem?: FormProblem;
}

/** The short user name, and the ways out. */
export function AccountCard({ account, site, problem }: AccountCardProps) {
  return (
    <section class="card" aria-labelledby="account">
      <h2 id="account">This account</h2>
      <form method="post" action={site.path("/account/short-name")}>
        <div class="row">
          <Field
            form="short-name"
            name="short-name"
            label="Short SMTP user name (optional)"
            value={account.shortName}
            problem={problem}
            input={{ maxLength: 32, autocapitalize: "none", spellcheck: false }}
          />
          <button type="submit" class="quiet">Save</button>
        </div>
        <p class="fine-print">
          For devices that have no room for your whole address as the user name. Your address keeps
          working.
        </p>
      </form>
      <h3>Leave</h3>
      <div class="actions">
        <form method="post" action={site.path("/account/sign-out-everywhere")}>
          <button type="submit" class="quiet small">Sign out of all browsers</button>
        </form>
        <QuestionButton question={deleteQuestion(site)} />
      </div>
      <p class="fine-print after-actions">
        Signing out does not stop your devices: they go on sending.
      </p>
    </section>
  );
}

/** Asks before the account is deleted. */
export function deleteQuestion(site: Site): Question {
  return {
    action: site.path("/account/delete"),
    label: "Delete account",
    title: "Delete your account here?",
    text: "This removes your app passwords, your activity and everything else that is kept about " +
      "you here. Devices that send through this server stop. Your mailbox at Microsoft is not touched.",
    confirm: "Delete my account here",
    isDangerous: true,
  };
}
