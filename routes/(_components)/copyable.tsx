import CopyButton from "../../islands/copy_button.tsx";
import { Code } from "../../lib/components/mod.ts";

interface CopyableProps {
  readonly id: string;
  /** The name of the value, such as "user name". */
  readonly label: string;
  readonly value: string | number;
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

interface CodeBlockProps {
  readonly id: string;
  readonly caption: string;
  readonly text: string;
}

/** Lines of code under a caption, with a button that copies them. */
export function CodeBlock({ id, caption, text }: CodeBlockProps) {
  return (
    <div class="code-block">
      <div class="code-head">
        <span>{caption}</span>
        <CopyButton target={id} label={caption.toLowerCase()} />
      </div>
      <Code id={id} text={text} />
    </div>
  );
}
