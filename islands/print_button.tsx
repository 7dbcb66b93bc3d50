import { useEffect, useState } from "preact/hooks";
import { Icon, printer } from "../lib/icons/mod.ts";

/** Prints the page, where scripts run; elsewhere the browser's own menu does. */
export default function PrintButton({ label }: { label: string }) {
  const [ready, setReady] = useState(false);
  useEffect(() => setReady(true), []);
  return (
    <button type="button" class={ready ? "" : "waiting"} onClick={() => print()}>
      <Icon shapes={printer} />
      {label}
    </button>
  );
}
