import { page } from "fresh";
import { Icon, triangleAlert } from "../../lib/icons/mod.ts";
import { define } from "../../lib/web/mod.ts";
import { Enter } from "../(_components)/sign_in_button.tsx";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Send from your devices";
    const token = ctx.url.searchParams.get("token") ?? undefined;
    const isGone = token !== undefined && !await ctx.state.services.invitations.isOpen(token);
    return page({ token, isGone }, { status: isGone ? 410 : 200 });
  },
});

/** The page that an administrator sends to people who sign in themselves: with the token of an invitation, or without. */
export default define.page<typeof handler>(({ data: { token, isGone }, state }) => {
  const query = new URLSearchParams({ next: "/account", ...token && { invitation: token } });
  return (
    <>
      <h1>Send mail from your devices and programs</h1>
      {isGone && !state.user ? <Gone /> : (
        <section class="card narrow">
          <p>
            Your administrator has invited you. Printers, scanners and programs that know only a
            user name and a password can send from your mailbox through this server.
          </p>
          <ol>
            <li>Sign in with your Microsoft account. This server never sees its password.</li>
            <li>Create an app password for each device or program.</li>
            <li>Enter it there; the guides show where.</li>
          </ol>
          <Enter state={state} signIn={`/auth?${query}`} />
        </section>
      )}
    </>
  );
});

function Gone() {
  return (
    <section class="card notice warning narrow">
      <h2>
        <Icon shapes={triangleAlert} /> This invitation does not work any more
      </h2>
      <p>
        It has expired, was used as often as it may be, or was taken back. Ask your administrator
        for another one. If you have signed in here before, you need none: sign in on the start
        page.
      </p>
    </section>
  );
}
