import { Copyable } from "../../../../islands/copy_button.tsx";
import QuestionButton from "../../../../islands/question.tsx";
import type { Invitation } from "../../../../lib/store/mod.ts";
import type { Site } from "../../../../lib/web/mod.ts";
import { NamedCard } from "../../../(_components)/app_passwords.tsx";
import { Field, type FormProblem } from "../../../(_components)/form_problem.tsx";
import { UtcTime } from "../../../(_components)/utc_time.tsx";
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
        People who send from their own mailbox sign in themselves and need no entry here. Send them
        this link, which tells them how. Your account filters decide who may sign in.
      </p>
      <div class="sole">
        <Copyable id="invite-link" label="link" value={site.url("/invite").href} />
      </div>
      <h3>Invitations</h3>
      <p>
        An invitation is a link that also admits people whom no filter allows, except those whom a
        DISALLOWED_… filter excludes. Anyone who has the link can use it.
      </p>
      {invitations.length > 0 && (
        <ul class="cards">
          {invitations.map((invitation) => (
            <NamedCard
              key={invitation.id}
              id={invitation.id}
              name={invitation.name}
              facts={
                <>
                  Valid until <UtcTime ms={invitation.expiresAtMs} />, {usesText(invitation)}.
                </>
              }
            >
              <QuestionButton
                question={revokeInvitationQuestion(site, invitation)}
                describedBy={`name-${invitation.id}`}
              />
            </NamedCard>
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
        label="Name of the invitation"
        input={{ required: true, maxLength: 64, placeholder: "Anna in accounting" }}
      />
      <div class="row numbers">
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
          input={{ inputMode: "numeric", maxLength: 4, placeholder: "Any number" }}
        />
      </div>
      <div class="actions">
        <button type="submit" class="quiet">Make an invitation</button>
      </div>
    </form>
  );
}
