import { useEffect, useState } from "preact/hooks";

/** How long the button says what it did. */
const FEEDBACK_MS = 2000;

/** Copies the text of the element with the id `target`. Without scripts there is no button. */
export default function CopyButton({ target }: { target: string }) {
  const [ready, setReady] = useState(false);
  const [done, setDone] = useState("");
  useEffect(() => setReady(true), []);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(""), FEEDBACK_MS);
    return () => clearTimeout(timer);
  }, [done]);
  if (!ready) return null;
  return (
    <button
      type="button"
      class="quiet copy-button"
      aria-describedby={target}
      onClick={async () => setDone(await copy(target))}
    >
      <span aria-live="polite">{done || "Copy"}</span>
    </button>
  );
}

/** Browsers let pages copy over HTTPS and on localhost only; elsewhere the text gets selected for the keyboard. */
async function copy(target: string): Promise<string> {
  const element = document.getElementById(target);
  if (!element) return "";
  try {
    await navigator.clipboard.writeText(element.textContent ?? "");
    return "Copied";
  } catch {
    // Not supported or not permitted, whatever the reason: the person can still copy by hand.
    getSelection()?.selectAllChildren(element);
    return "Selected: press Ctrl+C or ⌘C";
  }
}
