import type { Question } from "../../islands/question.tsx";
import { ErrorSummary, Field, type FormProblem } from "./form_problem.tsx";

export interface QuestionPageProps {
  readonly question: Question;
  /** Where “Cancel” leads. */
  readonly cancel: string;
  readonly problem?: FormProblem;
}

/** A question on a page of its own: without scripts, and where an entry was not accepted. */
export function QuestionPage({ question, cancel, problem }: QuestionPageProps) {
  const { action, title, text, confirm, isDangerous, field } = question;
  return (
    <>
      <ErrorSummary problem={problem} />
      <h1>{title}</h1>
      <form class="card narrow" method="post" action={action}>
        {text && <p>{text}</p>}
        {field && (
          <Field
            form="question"
            name={field.name}
            label={field.label}
            value={field.value}
            problem={problem}
            input={{ required: true, maxLength: field.maxLength, type: field.type }}
          />
        )}
        <input type="hidden" name="confirm" value="yes" />
        <div class="actions">
          <button type="submit" class={isDangerous ? "danger solid" : ""}>{confirm}</button>
          <a class="button quiet" href={cancel}>Cancel</a>
        </div>
      </form>
    </>
  );
}
