import { page } from "fresh";
import TestMail from "../../islands/test_mail.tsx";
import { InputError } from "../../lib/accounts/mod.ts";
import { define, eventsOf, eventStream, type State, userOf } from "../../lib/web/mod.ts";
import type { TestMailStep } from "../../lib/test_mail/mod.ts";

/** Sends a test mail: as events while it happens, or as a page when it is over. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/account#test-mail"), 303),
  async POST(ctx) {
    ctx.state.title = "Test mail";
    const steps = send(ctx.state);
    if (ctx.req.headers.get("accept") === "text/event-stream") return eventStream(eventsOf(steps));
    return page({ steps: await Array.fromAsync(steps) });
  },
});

/** An event stream has no error page, so errors are steps, too. */
async function* send(state: State): AsyncGenerator<TestMailStep, void, void> {
  const { testMail, report } = state.services;
  try {
    yield* testMail.send(userOf(state).account);
  } catch (error) {
    if (error instanceof InputError) return yield { kind: "failure", text: error.message };
    const reference = crypto.randomUUID().slice(0, 8);
    report({ error, reference, method: "POST", path: "/account/test-mail" });
    yield { kind: "failure", text: `Internal error. Reference for the operator: ${reference}` };
  }
}

export default define.page<typeof handler>(({ data, state }) => (
  <>
    <h1>Test mail</h1>
    <section class="card">
      <TestMail
        action={state.site.path("/account/test-mail")}
        steps={data.steps}
      />
    </section>
    <p>
      <a href={state.site.path("/account")}>Back to your account</a>
    </p>
  </>
));
