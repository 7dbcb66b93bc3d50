import { page } from "fresh";
import TestMail, { type Step } from "../../islands/test_mail.tsx";
import { InputError } from "../../lib/accounts/mod.ts";
import { define, eventsOf, eventStream, readForm, type State, userOf } from "../../lib/web/mod.ts";
import { shownExplanation } from "../(_components)/activity_item.ts";
import { BackLink } from "../(_components)/back_link.tsx";
import { testMailForm } from "./(_components)/test_mail_form.ts";

/** Sends a test mail: as events while it happens, or as a page when it is over. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/account#test-mail"), 303),
  async POST(ctx) {
    ctx.state.title = "Test mail";
    const entered = await readForm(ctx.req, ctx.state.services.clock);
    const steps = send(ctx.state, entered);
    if (ctx.req.headers.get("accept") === "text/event-stream") return eventStream(eventsOf(steps));
    return page({
      form: testMailForm(ctx.state, entered),
      steps: await Array.fromAsync(steps),
    });
  },
});

/** An event stream has no error page, so errors are steps, too. */
async function* send(state: State, entered: URLSearchParams): AsyncGenerator<Step, void, void> {
  const { testMail, report, contact } = state.services;
  const choice = {
    recipient: entered.get("recipient") ?? undefined,
    encryption: entered.get("encryption") ?? undefined,
  };
  try {
    for await (const step of testMail.send(userOf(state).account, choice)) {
      const { kind, text, explanation } = step;
      yield { kind, text, explanation: explanation && shownExplanation(explanation, { contact }) };
    }
  } catch (error) {
    if (error instanceof InputError) return yield { kind: "failure", text: error.message };
    const reference = crypto.randomUUID().slice(0, 8);
    report({ error, reference, method: "POST", path: "/account/test-mail" });
    yield { kind: "failure", text: `Internal error. Reference for the operator: ${reference}` };
  }
}

export default define.page<typeof handler>(({ data, state }) => (
  <>
    <BackLink href={state.site.path("/account")}>Your account</BackLink>
    <h1>Test mail</h1>
    <section class="card">
      <TestMail {...data} />
    </section>
  </>
));
