import LocalTime from "../../../../islands/local_time.tsx";
import QuestionButton from "../../../../islands/question.tsx";
import type { Invitation } from "../../../../lib/store/mod.ts";
import type { Site } from "../../../../lib/web/mod.ts";
import { Copyable } from "../../../(_components)/copyable.tsx";
import { Field, type FormProblem } from "../../../(_components)/form_problem.tsx";
import { revokeInvitationQuestion } from "../../(_components)/questions.ts";

/** The name of the form for new invitations. */
export const INVITATION_FORM = "invitation";

interface InvitationsProps {
  readonly invitations: readonly Invitation[];
  readonly problem?: FormProblem;
  readonly site: Site;
}

/** People who sign in themselves: the page to send them to, and invitations that admit them. */
export function InvitationCard({ invitations, problem, site }: InvitationsProps) {
  return (
    <section class="card" aria-labelledby="invite">
      <h2 id="invite">People who sign in themselves</h2>
      <p>
        Somebody who wants to send from their own mailbox needs no mailbox here. This page explains
        the way to them; who may come in is decided by your account filters.
      </p>
      <p>
        <Copyable id="invite-link" label="link">{site.url("/invite").href}</Copyable>
      </p>
      <h3>Invitations</h3>
      <p>
        An invitation is a link that also admits people whom no filter names. It admits nobody whom
        a filter excludes (DISALLOWED_…). Whoever has the link can use it.
      </p>
      {invitations.length > 0 && (
        <ul class="cards">
          {invitations.map((invitation) => (
            <li key={invitation.id}>
              <div class="password-head">
                <strong id={`name-${invitation.id}`}>{invitation.name}</strong>
                <p class="fine-print">
                  Until <LocalTime ms={invitation.expiresAtMs} />, {usesText(invitation)}.
                </p>
              </div>
              <div class="actions">
                <QuestionButton
                  question={revokeInvitationQuestion(site, invitation)}
                  describedBy={`name-${invitation.id}`}
                />
              </div>
            </li>
          ))}
        </ul>
      )}
      <InvitationForm action={site.path("/admin/organisation/invitations")} problem={problem} />
    </section>
  );
}

function usesText({ usesLeft }: Invitation): string {
  if (usesLeft === undefined) return "for any number of people";
  return usesLeft === 1 ? "for one more person" : `for ${usesLeft} more people`;
}

function InvitationForm({ action, problem }: { action: string; problem?: FormProblem }) {
  const form = INVITATION_FORM;
  return (
    <form method="post" action={action}>
      <Field
        {...{ form, problem }}
        name="invitation-name"
        label="For whom"
        input={{ required: true, maxLength: 64, placeholder: "Anna in accounting" }}
      />
      <Field
        {...{ form, problem }}
        name="invitation-days"
        label="For how many days"
        value="7"
        input={{ required: true, inputMode: "numeric", maxLength: 4 }}
      />
      <Field
        {...{ form, problem }}
        name="invitation-uses"
        label="For how many people"
        value="1"
        input={{ inputMode: "numeric", maxLength: 4 }}
        help="Empty: for any number of people until it ends."
      />
      <div class="actions">
        <button type="submit" class="quiet">Make an invitation</button>
      </div>
    </form>
  );
}
