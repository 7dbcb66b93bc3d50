import type { ComponentChildren } from "preact";
import CopyButton from "../../islands/copy_button.tsx";

/** A value to copy: a click selects all of it, and where scripts run a button copies it. */
export function Copyable({ id, children }: { id: string; children: ComponentChildren }) {
  return (
    <span class="copyable">
      <code id={id}>{children}</code>
      <CopyButton target={id} />
    </span>
  );
}
