import LocalTime from "../../../islands/local_time.tsx";
import QuestionButton from "../../../islands/question.tsx";
import SubmitOnce from "../../../islands/submit_once.tsx";
import { Icon, keyRound } from "../../../lib/icons/mod.ts";
import type { AppPassword } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import { Field, type FormProblem } from "../../(_components)/form_problem.tsx";
import { RestrictionFields, RestrictionsText } from "../../(_components)/restrictions.tsx";
import { SenderChoice } from "../../(_components)/sender_choice.tsx";
import { renameQuestion, revokeQuestion } from "./questions.ts";

interface AppPasswordsProps {
  readonly passwords: readonly AppPassword[];
  readonly site: Site;
  readonly problem?: FormProblem;
}

/** The app passwords, and a form for a new one. */
export function AppPasswords({ passwords, site, problem }: AppPasswordsProps) {
  return (
    <section class="card" aria-labelledby="passwords">
      <h2 id="passwords">App passwords</h2>
      <p>One for each device or program, so that you can revoke them one by one.</p>
      <CreateForm action={site.path("/account/passwords")} problem={problem} />
      {passwords.length > 0 && (
        <ul class="cards">
          {passwords.map((password) => (
            <PasswordCard key={password.id} password={password} site={site} />
          ))}
        </ul>
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

function PasswordCard({ password, site }: { password: AppPassword; site: Site }) {
  const { id, name } = password;
  return (
    <li>
      <div class="password-head">
        <strong id={`name-${id}`}>{name}</strong>
        <p class="fine-print">
          <PasswordFacts password={password} />
        </p>
      </div>
      <div class="actions">
        <a
          class="button small quiet"
          href={site.path(`/account/passwords/${id}/rules`)}
          aria-describedby={`name-${id}`}
        >
          Rules
        </a>
        <QuestionButton question={renameQuestion(site, password)} describedBy={`name-${id}`} />
        <QuestionButton question={revokeQuestion(site, password)} describedBy={`name-${id}`} />
      </div>
    </li>
  );
}

/** Sentences about an app password: its use, its beginning, its rules. */
export function PasswordFacts({ password }: { password: AppPassword }) {
  const { createdAtMs, lastUsedAtMs, lastUsedAddress } = password;
  return (
    <>
      {lastUsedAtMs === undefined ? "Not used yet." : (
        <>
          Last used <LocalTime ms={lastUsedAtMs} /> from {lastUsedAddress}.
        </>
      )} Created <LocalTime ms={createdAtMs} />.
      <SenderText password={password} />
      <RestrictionsText password={password} />
    </>
  );
}

function SenderText({ password: { allowedSender, forcedSender } }: { password: AppPassword }) {
  if (forcedSender) return <>{" "}Always sends as the mailbox.</>;
  if (allowedSender === undefined) return null;
  return (
    <>
      {" "}Only for the sender <code>{allowedSender}</code>.
    </>
  );
}
