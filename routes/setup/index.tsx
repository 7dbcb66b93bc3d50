import { page } from "fresh";
import { LINK_LIFETIME_MS, ONE_TIME_LINK } from "../../lib/admin/mod.ts";
import { MINUTE_MS, PROGRAM } from "../../lib/base/mod.ts";
import { Icon, settings, triangleAlert } from "../../lib/components/mod.ts";
import { define, readForm, setCookies } from "../../lib/web/mod.ts";

/** A one-time link: GET asks, since programs that look at links must not use them up; POST opens the session. */
export const handler = define.handlers({
  async GET(ctx) {
    const token = ctx.url.searchParams.get("token") ?? "";
    ctx.state.title = "Administration";
    if (!await ctx.state.services.adminAccess.isLink(token)) return gone();
    return page({ token });
  },
  async POST(ctx) {
    const { services, site } = ctx.state;
    const token = (await readForm(ctx.req, services.clock)).get("token") ?? "";
    const cookie = await services.adminAccess.redeem(token, site.secure);
    ctx.state.title = "Administration";
    if (cookie === undefined) return gone();
    await services.audit.record(ONE_TIME_LINK, "opened a session", "the administration");
    const response = ctx.redirect(site.path("/admin/organisation"), 303);
    setCookies(response.headers, [cookie]);
    return response;
  },
});

/** A link that was used, or is too old, or never was one. */
function gone() {
  return page({ token: undefined }, { status: 410 });
}

export default define.page<typeof handler>(({ data: { token }, state: { site } }) =>
  token === undefined ? <Gone /> : <Open action={site.path("/setup")} token={token} />
);

function Open({ action, token }: { action: string; token: string }) {
  return (
    <>
      <h1>Administration of this server</h1>
      <form class="card narrow" method="post" action={action}>
        <p>
          This link opens the administration in this browser, without an account, until you sign out
          or for 12 hours at most. It works once.
        </p>
        <p>
          With it you can add mailboxes and devices, and revoke them. It shows nobody's messages.
        </p>
        <input type="hidden" name="token" value={token} />
        <div class="actions">
          <button type="submit">
            <Icon shapes={settings} />
            Open the administration
          </button>
        </div>
      </form>
    </>
  );
}

function Gone() {
  return (
    <>
      <h1>
        <Icon shapes={triangleAlert} class="bad" />
        This link no longer works
      </h1>
      <section class="card narrow">
        <p>
          A link works once, and for {LINK_LIFETIME_MS / MINUTE_MS}{" "}
          minutes. Make another one on the machine that runs this server:
        </p>
        <pre><code>{PROGRAM} admin link</code></pre>
      </section>
    </>
  );
}
