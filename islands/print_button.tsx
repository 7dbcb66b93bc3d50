import { useEffect, useState } from "preact/hooks";
import { Icon, printer } from "../lib/icons/mod.ts";

/** Prints the page, where scripts run; elsewhere the browser's own menu does. */
export default function PrintButton(
  { label, isQuiet = false }: { label: string; isQuiet?: boolean },
) {
  const [ready, setReady] = useState(false);
  useEffect(() => setReady(true), []);
  return (
    <button
      type="button"
      class={`${isQuiet ? "quiet small" : ""}${ready ? "" : " waiting"}`}
      onClick={() => print()}
    >
      <Icon shapes={printer} />
      {label}
    </button>
  );
}
