import type { ComponentChildren } from "preact";
import CopyButton from "../../islands/copy_button.tsx";

interface CopyableProps {
  readonly id: string;
  /** The name of the value, such as "user name". */
  readonly label: string;
  readonly children: ComponentChildren;
}

/** A value to copy: a click selects all of it, and where scripts run a button copies it. */
export function Copyable({ id, label, children }: CopyableProps) {
  return (
    <span class="copyable">
      <code id={id}>{children}</code>
      <CopyButton target={id} label={label} />
    </span>
  );
}
