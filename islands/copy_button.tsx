import { useEffect, useState } from "preact/hooks";
import { check, copy, Icon } from "../lib/components/mod.ts";

/** How long the button says what it did. */
const FEEDBACK_MS = 2000;

/** Event of the document, with the id of the element whose text was copied. */
export const COPIED_EVENT = "copied";

interface CopyButtonProps {
  /** Id of the element whose text is copied. */
  target: string;
  /** The name of that text, for screen readers. */
  label: string;
  /** The text on the button. Default: "Copy". */
  text?: string;
}

/** Copies the text of an element. Without scripts its place stays empty, so that nothing moves when they start. */
export default function CopyButton({ target, label, text = "Copy" }: CopyButtonProps) {
  const [ready, setReady] = useState(false);
  const [done, setDone] = useState("");
  useEffect(() => setReady(true), []);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(""), FEEDBACK_MS);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <button
      type="button"
      class={`quiet copy-button${ready ? "" : " waiting"}`}
      aria-label={done ? undefined : `Copy ${label}`}
      onClick={async () => setDone(await copyText(target))}
    >
      <Icon shapes={done ? check : copy} />
      <span aria-live="polite">{done || text}</span>
    </button>
  );
}

/** Browsers let pages copy over HTTPS and on localhost only; elsewhere the text gets selected for the keyboard. */
async function copyText(target: string): Promise<string> {
  const element = document.getElementById(target);
  if (!element) return "";
  try {
    await navigator.clipboard.writeText(element.textContent ?? "");
    document.dispatchEvent(new CustomEvent(COPIED_EVENT, { detail: target }));
    return "Copied";
  } catch {
    // Not supported or not permitted, whatever the reason: the person can still copy by hand.
    getSelection()?.selectAllChildren(element);
    return "Selected: press Ctrl+C or ⌘C";
  }
}
