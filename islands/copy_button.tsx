import { useEffect, useState } from "preact/hooks";
import { check, copy, Icon } from "../lib/icons/mod.ts";

/** How long the button says what it did. */
const FEEDBACK_MS = 2000;

interface CopyButtonProps {
  /** Id of the element whose text is copied. */
  target: string;
  /** The name of that text, for screen readers. */
  label: string;
}

/** Copies the text of an element. Without scripts there is no button. */
export default function CopyButton({ target, label }: CopyButtonProps) {
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
      aria-label={done ? undefined : `Copy ${label}`}
      onClick={async () => setDone(await copyText(target))}
    >
      <Icon shapes={done ? check : copy} />
      <span aria-live="polite">{done || "Copy"}</span>
    </button>
  );
}

/** Browsers let pages copy over HTTPS and on localhost only; elsewhere the text gets selected for the keyboard. */
async function copyText(target: string): Promise<string> {
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
