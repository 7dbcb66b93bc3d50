import type { Explanation, Fixer } from "../../lib/explain/mod.ts";
import { OperatorContact } from "./contact.tsx";

/** A heading above the remedy: it says who can repair the error. */
export const WHO_CAN_REPAIR: Readonly<Record<Fixer, string>> = {
  "user": "What you can do",
  "tenant-admin": "What an administrator of your organisation can do",
  "operator": "What the operator of this service can do",
  "nobody": "What to do",
};

/** Whether the reader has to ask the operator. */
export function isForOperator({ fixer, remedy }: Pick<Explanation, "fixer" | "remedy">): boolean {
  return fixer === "operator" || /\boperator\b/i.test(remedy);
}

/** An error in words: the cause, who can repair it, and how. */
export function ExplanationView({ explanation }: { explanation: Explanation }) {
  const { cause, detail, fixer, remedy, command, code } = explanation;
  return (
    <div class="explanation">
      <p>{cause}</p>
      <p>
        <strong>{WHO_CAN_REPAIR[fixer]}:</strong> {remedy}
        {isForOperator(explanation) && <OperatorContact />}
      </p>
      {command && <pre tabIndex={0}><code>{command}</code></pre>}
      <p class="fine-print">
        Code: <code>{code}</code>
        {detail && `. Microsoft says: “${detail}”`}
      </p>
    </div>
  );
}
