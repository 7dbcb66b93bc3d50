import { HttpError, page } from "fresh";
import GuideSteps from "../../islands/guide_steps.tsx";
import SubmitOnce from "../../islands/submit_once.tsx";
import { PASSWORD_PLACEHOLDER } from "../../lib/guides/mod.ts";
import { AUTHORITY_PATH } from "../../lib/http/mod.ts";
import { define, type Site } from "../../lib/web/mod.ts";
import { AuthorityNotice } from "../(_components)/authority_notice.tsx";
import { OperatorContact } from "../(_components)/contact.tsx";
import { ANYBODY, shownGuide } from "../(_components)/shown_guide.ts";
import { BackLink } from "../(_components)/back_link.tsx";
import { Contents } from "./(_components)/contents.tsx";

export const handler = define.handlers({
  GET(ctx) {
    const slug = ctx.params.slug ?? "";
    const guide = shownGuide(ctx.state, slug);
    if (!guide) throw new HttpError(404, "There is no such guide.");
    ctx.state.title = `${guide.name} – Set-up guides`;
    ctx.state.isWide = true;
    return page({ slug, guide });
  },
});

/** One guide, with the reader's values. */
export default define.page<typeof handler>(({ data: { slug, guide }, state }) => {
  const { services: { smtp }, site, user } = state;
  const { name, needs, otherUserName, steps } = guide;
  return (
    <div class="with-contents">
      <Contents site={site} withGuides />
      <div>
        <BackLink href={site.path("/guides")}>All set-up guides</BackLink>
        <h1>{name}</h1>
        {smtp.ownAuthority && <AuthorityNotice path={site.path(AUTHORITY_PATH)} />}
        {!user && (
          <p class="notice">
            Sign in to see your own values; <code>{ANYBODY}</code> stands for your address here.
          </p>
        )}
        <GuideSteps needs={needs} otherUserName={otherUserName} steps={[]} />
        {steps
          ? (
            <>
              {user && (
                <ol class="guide">
                  <PasswordStep slug={slug} name={name} site={site} />
                </ol>
              )}
              <GuideSteps steps={steps} isContinued={user !== undefined} />
            </>
          )
          : (
            <p class="notice warning">
              No port of this server suits this program. Ask its operator.<OperatorContact />
            </p>
          )}
        <p class="fine-print">
          “Your app password” and <code>{PASSWORD_PLACEHOLDER}</code>{" "}
          stand for a password that is shown once, when you create it. Use one of its own for each
          device or program.
        </p>
      </div>
    </div>
  );
});

/** Creates an app password; the page that shows it goes on with this guide. */
function PasswordStep({ slug, name, site }: { slug: string; name: string; site: Site }) {
  return (
    <li>
      <p>
        Create an app password for “{name}”. The next page shows it, and the rest of this guide with
        the password filled in.
      </p>
      <form method="post" action={site.path("/account/passwords")}>
        <input type="hidden" name="name" value={name} />
        <input type="hidden" name="guide" value={slug} />
        <SubmitOnce />
        <button type="submit">Create an app password</button>
      </form>
    </li>
  );
}
