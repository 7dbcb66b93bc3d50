import { useEffect, useState } from "preact/hooks";
import { check, copy, Icon } from "../lib/icons/mod.ts";

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

interface CopyableProps {
  id: string;
  /** The name of the value, such as "user name". */
  label: string;
  value: string | number;
}

/** A value to copy: a click selects all of it, and where scripts run a button copies it. */
export function Copyable({ id, label, value }: CopyableProps) {
  return (
    <span class="copyable">
      <code id={id}>{value}</code>
      <CopyButton target={id} label={label} />
    </span>
  );
}

interface CodeProps {
  id?: string;
  text: string;
}

interface CodeBlockProps extends CodeProps {
  id: string;
  caption?: string;
  /** The name of the lines, for screen readers. Default: the caption. */
  label?: string;
}

/** Lines of code under a caption, with a button that copies them. */
export function CodeBlock(
  { id, caption = "", label = caption.toLowerCase(), text }: CodeBlockProps,
) {
  return (
    <div class="code-block">
      <div class="code-head">
        <span>{caption}</span>
        <CopyButton target={id} label={label} />
      </div>
      <Code id={id} text={text} />
    </div>
  );
}

/** Browsers break lines after hyphens, and would part `--user` or a file name in two. */
const HYPHENATED = /(\S*-\S*)/;

/** Lines of code, none of which ends within a word, unless the word is longer than a line. */
export function Code({ id, text }: CodeProps) {
  return (
    <pre tabIndex={0}>
      <code id={id}>
        {text.split(HYPHENATED).map((part, index) =>
          index % 2 === 1 ? <span key={index} class="word">{part}</span> : part
        )}
      </code>
    </pre>
  );
}
