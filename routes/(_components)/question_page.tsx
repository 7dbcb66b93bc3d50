import { type Context, HttpError, page } from "fresh";
import type { Question } from "../../islands/question.tsx";
import type { AuditAction } from "../../lib/admin/mod.ts";
import { actorOf, define, redirectWithFlash, type Site, type State } from "../../lib/web/mod.ts";
import { applyForm } from "./apply_form.ts";
import { ErrorSummary, Field, type FormProblem } from "./form_problem.tsx";

/** The name of the form below a question. */
const FORM = "question";

/** Something that is done after a question, to whatever the address names. */
interface QuestionRoute<Target> {
  /** Finds what the address names. @throws {HttpError} 404 */
  find(ctx: Context<State>): Promise<Target>;
  question(site: Site, target: Target): Question;
  /** Path of the page that the question belongs to: “Cancel” leads there. */
  home(target: Target): string;
  /** Does it, with the entry if the question has a field. May throw an `InputError`. */
  act(ctx: Context<State>, target: Target, form: URLSearchParams): Promise<Act | Response>;
}

/** An act that was done. */
interface Act {
  /** For the audit trail, with its subject. */
  readonly action: AuditAction;
  readonly subject: string;
  /** A sentence for the page that follows. */
  readonly text: string;
  /** Path of that page. Default: the one that the question belongs to. */
  readonly next?: string;
}

/** Handles the address of a question: GET asks, POST acts. Without an entry, it takes the confirmation of the form. */
export function questionRoute<Target>({ find, question, home, act }: QuestionRoute<Target>) {
  const ask = (ctx: Context<State>, target: Target, problem?: FormProblem) => {
    const { site } = ctx.state;
    const asked = question(site, target);
    ctx.state.title = asked.title;
    const props: QuestionPageProps = { question: asked, cancel: site.path(home(target)), problem };
    return page(props, { status: problem ? 400 : 200 });
  };
  return define.handlers({
    GET: async (ctx) => ask(ctx, await find(ctx)),
    async POST(ctx) {
      const target = await find(ctx);
      const { field } = question(ctx.state.site, target);
      const result = await applyForm(ctx, FORM, (form) => {
        if (!field) requireConfirmation(form);
        return act(ctx, target, form);
      });
      if ("problem" in result) return ask(ctx, target, result.problem);
      if (result.done instanceof Response) return result.done;
      const { action, subject, text, next = home(target) } = result.done;
      await ctx.state.services.audit.record(actorOf(ctx.state), action, subject);
      return redirectWithFlash(ctx, next, text);
    },
  });
}

function requireConfirmation(form: URLSearchParams): void {
  if (form.get("confirm") === "yes") return;
  throw new HttpError(400, "This needs to be confirmed. Go back and use the button on the page.");
}

interface QuestionPageProps {
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
            form={FORM}
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
