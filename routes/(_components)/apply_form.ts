import type { Context } from "fresh";
import { InputError } from "../../lib/accounts/mod.ts";
import { readForm, type State } from "../../lib/web/mod.ts";
import type { FormProblem } from "./form_problem.tsx";

/** The result of a form. */
type FormResult<Done> = { readonly done: Done } | { readonly problem: FormProblem };

/**
 * Reads a form and applies it; an entry that is not accepted becomes a problem to show.
 *
 * @param name Of the form, unique on its page.
 * @param apply May throw an {@linkcode InputError}.
 * @param maxOctets As for `readForm()`.
 */
export async function applyForm<Done>(
  { req, state: { services } }: Context<State>,
  name: string,
  apply: (form: URLSearchParams) => Promise<Done>,
  maxOctets?: number,
): Promise<FormResult<Done>> {
  const entered = await readForm(req, services.clock, maxOctets);
  try {
    return { done: await apply(entered) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { problem: { form: name, field: error.field, text: error.message, entered } };
  }
}
