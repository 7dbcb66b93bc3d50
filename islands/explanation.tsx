import { Code } from "./copy_button.tsx";

/** A failure in words. */
export interface ShownExplanation {
  title: string;
  cause: string;
  /** A heading: it says who can repair it. */
  who: string;
  remedy: string;
  command?: string;
  /** Microsoft's own words. */
  detail?: string;
  /** How to reach the operator, where that helps. */
  contact?: { text: string; href: string };
}

/** A failure: its cause, who can repair it, and how. */
export default function ExplanationText(
  { title, cause, who, remedy, command, detail, contact }: ShownExplanation,
) {
  return (
    <div class="delivery-explanation">
      <p>
        <strong>{title}.</strong> {cause}
      </p>
      <p>
        <strong>{who}:</strong> {remedy}
        {contact && (
          <>
            {" "}The operator: <a href={contact.href}>{contact.text}</a>.
          </>
        )}
      </p>
      {command && <Code text={command} />}
      {detail && <p class="fine-print">Microsoft says: “{detail}”</p>}
    </div>
  );
}
