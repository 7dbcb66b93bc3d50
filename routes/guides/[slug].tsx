import { HttpError, page } from "fresh";
import {
  endpointFor,
  endpointsOf,
  findGuide,
  type Guide,
  PASSWORD_PLACEHOLDER,
} from "../../lib/guides/mod.ts";
import { define, type State } from "../../lib/web/mod.ts";
import { GuideStepView } from "./(_components)/guide_step.tsx";

/** Stands for the address of visitors who are not signed in. */
const ANYBODY = "you@outlook.com";

export const handler = define.handlers({
  GET(ctx) {
    const guide = findGuide(ctx.params.slug ?? "");
    if (!guide) throw new HttpError(404, "There is no such guide.");
    ctx.state.title = guide.name;
    return page({ guide, steps: stepsOf(ctx.state, guide) });
  },
});

function stepsOf({ services: { smtp }, user }: State, guide: Guide) {
  const endpoint = endpointFor(guide, endpointsOf(smtp));
  const mailbox = user?.account.email ?? ANYBODY;
  return endpoint && guide.steps({
    ...{ host: smtp.publicHost, caFile: smtp.publicCaFile },
    ...{ endpoint, username: mailbox, mailbox },
  });
}

/** One guide, with the reader's values. */
export default define.page<typeof handler>(({ data: { guide, steps }, state: { site, user } }) => (
  <>
    <p class="back">
      <a href={site.path("/guides")}>All set-up guides</a>
    </p>
    <h1>{guide.name}</h1>
    {guide.needs && <p class="notice">{guide.needs}</p>}
    {!user && (
      <p class="notice">
        Sign in to see your own values; <code>{ANYBODY}</code> stands for your address here.
      </p>
    )}
    {steps
      ? (
        <ol class="guide">
          {steps.map((step, index) => (
            <GuideStepView key={index} id={`step-${index + 1}`} step={step} site={site} />
          ))}
        </ol>
      )
      : <p class="notice warning">No port of this server suits this program. Ask its operator.</p>}
    <p class="fine-print">
      “Your app password” and <code>{PASSWORD_PLACEHOLDER}</code> stand for a password that you{" "}
      <a href={site.path("/account#passwords")}>create on your account page</a>. It is shown once,
      so use one of its own for each device or program.
    </p>
  </>
));
