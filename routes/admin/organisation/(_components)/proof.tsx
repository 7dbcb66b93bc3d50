import type { ComponentChildren } from "preact";
import { CodeBlock } from "../../../../islands/copy_button.tsx";
import type { MailboxProof } from "../../../../lib/accounts/mod.ts";
import { circleCheck, circleX, clock, Icon } from "../../../../lib/icons/mod.ts";
import type { AccountRecord } from "../../../../lib/store/mod.ts";
import type { Site } from "../../../../lib/web/mod.ts";
import { whoCanRepair } from "../../../(_components)/explanation.tsx";
import { Field, type FormProblem } from "../../../(_components)/form_problem.tsx";

/** The name of the form that starts a proof. */
export const PROOF_FORM = "proof";

interface ProofFormProps {
  readonly action: string;
  readonly mailbox: string;
  /** Whether the page shows a proof. */
  readonly isRepeated: boolean;
  readonly problem?: FormProblem;
  /** More buttons. */
  readonly children: ComponentChildren;
}

/** A form that proves that a mailbox can send, by a message as well if that is wanted. */
export function ProofForm({ action, mailbox, isRepeated, problem, children }: ProofFormProps) {
  const mine = problem?.form === PROOF_FORM ? problem : undefined;
  return (
    <form class="below" method="post" action={action}>
      <details class="more" open={mine !== undefined}>
        <summary>Send a message as well</summary>
        <label class="choice">
          <input type="checkbox" name="send" value="yes" checked={mine !== undefined} />
          Send a message from this mailbox
        </label>
        <Field
          form={PROOF_FORM}
          name="recipient"
          label="To"
          problem={problem}
          input={{ maxLength: 254, placeholder: mailbox }}
          help="An address in the same domain; empty: to the mailbox itself."
        />
      </details>
      <div class="actions">
        <button type="submit" class="quiet">
          {isRepeated ? "Check again" : "Check that it can send"}
        </button>
        {children}
      </div>
    </form>
  );
}

interface CheckAllProps {
  readonly site: Site;
  readonly label: string;
  readonly isSent?: boolean;
}

/** A form that proves all mailboxes. */
export function CheckAllForm({ site, label, isSent = false }: CheckAllProps) {
  return (
    <form class="below" method="post" action={site.path("/admin/organisation/check")}>
      <label class="choice">
        <input type="checkbox" name="send" value="yes" checked={isSent} />
        Also send a message from each mailbox to itself
      </label>
      <div class="actions">
        <button type="submit" class="quiet">{label}</button>
      </div>
    </form>
  );
}

const VERDICTS = {
  good: { icon: circleCheck, tone: "good", text: "can send", notice: "success" },
  bad: { icon: circleX, tone: "bad", text: "cannot send yet", notice: "warning" },
  open: { icon: clock, tone: "bad", text: "could not be tried", notice: "warning" },
} as const;

interface ProofProps {
  /** Unique on its page. */
  readonly id: string;
  readonly proof: MailboxProof;
  /** The mailboxes that it holds for. Absent: the one that the page is about. */
  readonly mailboxes?: readonly AccountRecord[];
  readonly site: Site;
}

/** The result of a proof: what is missing, who can help, and the lines to paste with all values filled in. */
export function Proof({ id, proof, mailboxes = [], site }: ProofProps) {
  const { verdict, reply, sent, explanation, commands } = proof;
  const { icon, tone, text, notice } = VERDICTS[verdict];
  const [first, second] = mailboxes;
  const title = second
    ? `${mailboxes.length} mailboxes ${text}`
    : `${first ? `${first.email}: it` : "It"} ${text}`;
  return (
    <section class={`card notice ${notice}`} aria-labelledby={id} role="status">
      <h2 id={id}>
        <Icon shapes={icon} class={tone} />
        {title}
      </h2>
      {second && <MailboxLinks mailboxes={mailboxes} site={site} />}
      {verdict === "good" && (
        <p>
          Microsoft has accepted a sign-in as this mailbox just now. {sent
            ? "It has also accepted a message."
            : "No message was sent: the right on the mailbox may show with a message only."}
        </p>
      )}
      {explanation && (
        <>
          <h3>{explanation.title}</h3>
          <p>{explanation.cause}</p>
          <p>
            <strong>{whoCanRepair(explanation.fixer, "organisation")}:</strong> {explanation.remedy}
          </p>
        </>
      )}
      {commands && (
        <>
          <p>Paste this into {commands.shell}:</p>
          <CodeBlock id={`${id}-commands`} caption="Commands" text={commands.lines.join("\n")} />
        </>
      )}
      {reply && !reply.positive && (
        <p class="fine-print">
          Microsoft says: <code>{String(reply)}</code>
        </p>
      )}
    </section>
  );
}

/** A list of mailboxes, which leads to their pages. */
export function MailboxLinks(
  { mailboxes, site }: Required<Pick<ProofProps, "mailboxes" | "site">>,
) {
  return (
    <ul>
      {mailboxes.map(({ id, email }) => (
        <li key={id}>
          <a href={site.path(`/admin/organisation/${id}`)}>{email}</a>
        </li>
      ))}
    </ul>
  );
}
