import QuestionButton from "../../../islands/question.tsx";
import type { AppPassword } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import { PasswordFacts } from "./app_passwords.tsx";
import { renameQuestion, revokeQuestion } from "./questions.ts";

/** An app password whose text is not known any more. */
export function PasswordView({ appPassword, site }: { appPassword: AppPassword; site: Site }) {
  return (
    <>
      <p class="back">
        <a href={site.path("/account")}>Your account</a>
      </p>
      <h1>{appPassword.name}</h1>
      <section class="card">
        <p>
          <PasswordFacts password={appPassword} />
        </p>
        <p>
          The password itself is shown only after it was created. If you have lost it, revoke it and
          create another one: that takes a minute.
        </p>
        <div class="actions">
          <QuestionButton question={renameQuestion(site, appPassword)} />
          <QuestionButton question={revokeQuestion(site, appPassword)} />
        </div>
      </section>
    </>
  );
}
