import { useEffect } from "preact/hooks";
import CopyButton, { COPIED_EVENT } from "./copy_button.tsx";
import PrintButton from "./print_button.tsx";

interface PasswordToolsProps {
  /** Id of the element with the password alone. */
  passwordId: string;
  /** Id of the element with all settings as lines of text. */
  allId: string;
}

/** Copies or prints a new password with its settings, and warns before it is left behind. */
export default function PasswordTools({ passwordId, allId }: PasswordToolsProps) {
  useEffect(() => warnBeforeLeaving([passwordId, allId]), [passwordId, allId]);
  return (
    <>
      <CopyButton target={allId} label="all settings" text="Copy all" />
      <PrintButton label="Print" isQuiet />
    </>
  );
}

/**
 * Lets the browser ask before it leaves the page, until the password was copied, or a form of the page says that it is in
 * its place.
 *
 * @returns what ends it.
 */
function warnBeforeLeaving(secretIds: readonly string[]): () => void {
  const end = new AbortController();
  const { signal } = end;
  addEventListener("beforeunload", (event) => event.preventDefault(), { signal });
  document.addEventListener("submit", ({ target }) => {
    if (target instanceof Element && target.closest("main")) end.abort();
  }, { signal });
  document.addEventListener(COPIED_EVENT, (event) => {
    if (event instanceof CustomEvent && secretIds.includes(event.detail)) end.abort();
  }, { signal });
  document.addEventListener("copy", () => {
    const password = document.getElementById(secretIds[0] ?? "")?.textContent;
    if (password && getSelection()?.toString().includes(password)) end.abort();
  }, { signal });
  return () => end.abort();
}
