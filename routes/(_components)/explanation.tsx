import { Code } from "../../islands/copy_button.tsx";
import type { Explanation, Fixer } from "../../lib/explain/mod.ts";
import { OperatorContact } from "./contact.tsx";

/** The reader of an explanation: the mailbox's owner, the operator of this server, or the one of their own organisation. */
export type Reader = "owner" | "operator" | "organisation";

/** Headings above the remedy: they say who can repair the error. */
const WHO_CAN_REPAIR: Readonly<Record<Reader, Readonly<Record<Fixer, string>>>> = {
  owner: {
    "user": "What you can do",
    "tenant-admin": "What an administrator of your organisation can do",
    "operator": "What the operator of this service can do",
    "nobody": "What to do",
  },
  operator: {
    "user": "What the owner of the mailbox can do",
    "tenant-admin": "What an administrator of the owner's organisation can do",
    "operator": "What you can do",
    "nobody": "What to do",
  },
  organisation: {
    "user": "What you can do",
    "tenant-admin": "What an administrator at Microsoft can do",
    "operator": "What you can do",
    "nobody": "What to do",
  },
};

/** Returns the heading above a remedy. */
export function whoCanRepair(fixer: Fixer, reader: Reader = "owner"): string {
  return WHO_CAN_REPAIR[reader][fixer];
}

/** Whether the reader has to ask the operator. */
export function isForOperator({ fixer, remedy }: Pick<Explanation, "fixer" | "remedy">): boolean {
  return fixer === "operator" || /\boperator\b/i.test(remedy);
}

/** An error in words: the cause, who can repair it, and how. */
export function ExplanationView(
  { explanation, reader }: { explanation: Explanation; reader?: Reader },
) {
  const { cause, detail, fixer, remedy, command, code } = explanation;
  return (
    <div class="explanation">
      <p>{cause}</p>
      <p>
        <strong>{whoCanRepair(fixer, reader)}:</strong> {remedy}
        {(reader ?? "owner") === "owner" && isForOperator(explanation) && <OperatorContact />}
      </p>
      {command && <Code text={command} />}
      <p class="fine-print">
        Code: <code>{code}</code>
        {detail && `. Microsoft says: “${detail}”`}
      </p>
    </div>
  );
}
