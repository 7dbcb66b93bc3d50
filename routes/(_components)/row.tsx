import type { ComponentChildren } from "preact";

/** A label with its value, in a list of settings. */
export function Row({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
