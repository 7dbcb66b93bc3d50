import type { ComponentChildren } from "preact";

interface ConfirmedFormProps {
  readonly action: string;
  /** The text that opens the question, such as "Revoke". */
  readonly label: string;
  /** The consequence, in a sentence. */
  readonly children: ComponentChildren;
  /** The text of the button that acts, such as "Revoke “printer”". */
  readonly confirm: string;
  /** Tells it from others of the same label. */
  readonly describedBy?: string;
}

/** A form that asks first, without any script: the button that acts appears below what it does. */
export function ConfirmedForm(
  { action, label, children, confirm, describedBy }: ConfirmedFormProps,
) {
  return (
    <details class="confirm">
      <summary class="danger" aria-describedby={describedBy}>{label}</summary>
      <form method="post" action={action}>
        <p>{children}</p>
        <input type="hidden" name="confirm" value="yes" />
        <button type="submit" class="danger">{confirm}</button>
      </form>
    </details>
  );
}
