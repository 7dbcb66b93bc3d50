import { page } from "fresh";
import { define } from "../../lib/web/mod.ts";
import { SignInButton } from "../(_components)/sign_in_button.tsx";

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "Send from your devices";
    return page();
  },
});

/** The page that an administrator sends to people who sign in themselves. */
export default define.page<typeof handler>(({ state: { site, user } }) => (
  <>
    <h1>Send mail from your devices and programs</h1>
    <section class="card narrow">
      <p>
        Your administrator has invited you. Printers, scanners and programs that know only a user
        name and a password can send from your mailbox through this server.
      </p>
      <ol>
        <li>Sign in with your Microsoft account. This server never sees its password.</li>
        <li>Create an app password for each device or program.</li>
        <li>Enter it there; the guides show where.</li>
      </ol>
      {user
        ? (
          <p>
            <a class="button" href={site.path("/account")}>Go to your account</a>
          </p>
        )
        : <SignInButton href={site.path("/auth?next=%2Faccount")} />}
    </section>
  </>
));
