import { page } from "fresh";
import { GUIDE_GROUPS } from "../../lib/guides/mod.ts";
import { define } from "../../lib/web/mod.ts";
import { Contents, groupAnchor } from "./(_components)/contents.tsx";

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "Set-up guides";
    ctx.state.isWide = true;
    return page();
  },
});

/** All guides. */
export default define.page<typeof handler>(({ state: { site } }) => (
  <div class="with-contents">
    <Contents site={site} withGuides={false} />
    <div>
      <h1>Set-up guides</h1>
      <p>
        How to enter the settings in common programs and devices, with your own values filled in.
        Yours is not among them? Anything that sends by SMTP with a user name and a password will
        do: the guide for <a href={site.path("/guides/any-program")}>any other program</a>{" "}
        tells what to look for.
      </p>
      {GUIDE_GROUPS.map(({ name, guides }) => (
        <section key={name} aria-labelledby={groupAnchor(name)}>
          <h2 id={groupAnchor(name)}>{name}</h2>
          <ul class="tiles">
            {guides.map(({ slug, name, summary }) => (
              <li key={slug}>
                <a href={site.path(`/guides/${slug}`)}>{name}</a>
                <span>{summary}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  </div>
));
