import { senderRuleOf } from "../../lib/accounts/mod.ts";
import type { AppPassword } from "../../lib/store/mod.ts";
import { Field, type FormProblem } from "./form_problem.tsx";

const SENDER_CHOICES = [
  ["any", "Any sender: Microsoft checks whether the mailbox may use it"],
  ["only", "Only these senders"],
  ["always", "Always the mailbox, for devices whose sender cannot be set"],
] as const;

interface SenderChoiceProps {
  /** The form's name, unique on its page. */
  readonly form: string;
  /** The app password that has rules already. Absent: a new one. */
  readonly password?: AppPassword;
  readonly problem?: FormProblem;
}

/** Fields that choose as whom an app password sends, folded up for a new one. */
export function SenderChoice({ form, password, problem }: SenderChoiceProps) {
  const entered = problem?.form === form ? problem.entered : undefined;
  const sender = entered?.get("allowed-sender") ?? password?.allowedSender ?? "";
  const chosen = entered?.get("sender-rule") ?? (password ? senderRuleOf(password) : "any");
  const isOpen = password !== undefined || sender !== "" || chosen !== "any";
  return (
    <details class="more" open={isOpen}>
      <summary>Choose the sender</summary>
      <fieldset class="choices">
        <legend>Sender of its messages</legend>
        {SENDER_CHOICES.map(([rule, text]) => (
          <label key={rule} class="choice">
            <input type="radio" name="sender-rule" value={rule} checked={rule === chosen} />
            {text}
          </label>
        ))}
      </fieldset>
      {/* Without JavaScript the field is there for each choice, and a contradiction is explained. */}
      <Field
        form={form}
        name="allowed-sender"
        label="Senders it may use"
        value={sender}
        problem={problem}
        input={{ maxLength: 254, placeholder: "printer@example.com or *@example.com" }}
        help="For “Only these senders”: a message with another sender, in the envelope or in the From header, is
          refused; an asterisk stands for any characters. With “Always the mailbox”, the sender and the From header
          become the mailbox's address; the name stays, and replies go to the original address."
      />
    </details>
  );
}
