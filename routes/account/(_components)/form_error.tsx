import type { FormProblem } from "./account_data.ts";

/** Why what was entered in a form is not accepted. */
export function FormError({ problem, form }: { problem?: FormProblem; form: FormProblem["form"] }) {
  if (problem?.form !== form) return null;
  return <p class="notice warning" role="alert">{problem.text}</p>;
}
