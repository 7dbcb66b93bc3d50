import { useId, useRef } from "preact/hooks";

/** A question before something is done. */
export interface Question {
  /** Where the form goes; a GET of the same address asks on a page of its own. */
  action: string;
  /** The text that opens the question, such as "Revoke". */
  label: string;
  /** Such as "Revoke “printer”?". */
  title: string;
  /** The consequence, in a sentence or two. */
  text?: string;
  /** The text of the button that acts, such as "Revoke". */
  confirm: string;
  /** Something that cannot be undone. */
  isDangerous?: boolean;
  /** Something to enter. */
  field?: {
    name: string;
    label: string;
    value: string;
    maxLength?: number;
    /** Default: `text`. */
    type?: "date";
  };
}

interface QuestionButtonProps {
  question: Question;
  /** Id of the element that tells it from others of the same label. */
  describedBy?: string;
}

/** Asks in a dialog. Without scripts the link leads to a page that asks the same. */
export default function QuestionButton({ question, describedBy }: QuestionButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const { action, label, title, isDangerous } = question;
  return (
    <>
      <a
        class={`button small ${isDangerous ? "danger" : "quiet"}`}
        href={action}
        aria-haspopup="dialog"
        aria-describedby={describedBy}
        onClick={(event) => {
          event.preventDefault();
          dialog.current?.showModal();
        }}
      >
        {label}
      </a>
      <dialog ref={dialog} aria-labelledby={`title${id}`}>
        <h2 id={`title${id}`}>{title}</h2>
        <QuestionForm question={question} id={id} onCancel={() => dialog.current?.close()} />
      </dialog>
    </>
  );
}

interface QuestionFormProps {
  question: Question;
  id: string;
  onCancel: () => void;
}

function QuestionForm({ question, id, onCancel }: QuestionFormProps) {
  const { action, text, confirm, isDangerous, field } = question;
  return (
    <form method="post" action={action}>
      {text && <p>{text}</p>}
      {field && (
        <label for={`field${id}`}>
          {field.label}
          <input
            id={`field${id}`}
            name={field.name}
            type={field.type}
            required
            maxLength={field.maxLength}
            value={field.value}
            autocomplete="off"
          />
        </label>
      )}
      <input type="hidden" name="confirm" value="yes" />
      <div class="actions">
        <button type="submit" class={isDangerous ? "danger solid" : ""}>{confirm}</button>
        <button type="button" class="quiet" autofocus={isDangerous} onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
