import type { JSX } from "preact";
import { Icon, triangleAlert } from "../../lib/components/mod.ts";

/** Why an entry of a form is not accepted. */
export interface FormProblem {
  /** The form's name, unique on its page. */
  readonly form: string;
  /** The name of the field. */
  readonly field: string;
  readonly text: string;
  /** The entered values, by field, to be corrected. */
  readonly entered: URLSearchParams;
}

function idOf(form: string, field: string): string {
  return `${form}-${field}`;
}

/** Stands at the top of a page and says what is wrong, with a link to where. The browser puts the focus on it. */
export function ErrorSummary({ problem }: { problem?: FormProblem }) {
  if (!problem) return null;
  const { form, field, text } = problem;
  return (
    <div
      class="notice error-summary"
      role="alert"
      aria-labelledby="error-summary"
      tabIndex={-1}
      autofocus
    >
      <h2 id="error-summary">
        <Icon shapes={triangleAlert} />
        That was not accepted
      </h2>
      <p>
        <a href={`#${idOf(form, field)}`}>{text}</a>
      </p>
    </div>
  );
}

interface FieldProps {
  /** The form's name, unique on its page. */
  readonly form: string;
  readonly name: string;
  readonly label: string;
  /** The present value; what was entered comes first. */
  readonly value?: string;
  readonly help?: string;
  readonly problem?: FormProblem;
  /** More attributes of the input. */
  readonly input?: JSX.IntrinsicElements["input"];
}

/** A labelled field of a form: with its help, and with what is wrong with its value. */
export function Field({ input, ...props }: FieldProps) {
  return <Labelled {...props} control={(attributes) => <input {...attributes} {...input} />} />;
}

interface TextAreaProps extends Omit<FieldProps, "input"> {
  /** More attributes of the text area. */
  readonly area?: JSX.IntrinsicElements["textarea"];
}

/** As {@linkcode Field}, for several lines. */
export function TextArea({ area, ...props }: TextAreaProps) {
  return <Labelled {...props} control={(attributes) => <textarea {...attributes} {...area} />} />;
}

/** Attributes of every control. */
interface ControlAttributes {
  id: string;
  name: string;
  value: string;
  autocomplete: "off";
  "aria-invalid"?: true;
  "aria-describedby"?: string;
}

interface LabelledProps extends Omit<FieldProps, "input"> {
  control(attributes: ControlAttributes): JSX.Element;
}

function Labelled({ form, name, label, value = "", help, problem, control }: LabelledProps) {
  const id = idOf(form, name);
  const mine = problem?.form === form ? problem : undefined;
  const error = mine?.field === name ? mine.text : undefined;
  const describedBy = [...error ? [`${id}-error`] : [], ...help ? [`${id}-help`] : []].join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
      {control({
        ...{ id, name, value: mine?.entered.get(name) ?? value, autocomplete: "off" },
        "aria-invalid": error ? true : undefined,
        "aria-describedby": describedBy || undefined,
      })}
      {help && <p class="fine-print" id={`${id}-help`}>{help}</p>}
    </div>
  );
}
