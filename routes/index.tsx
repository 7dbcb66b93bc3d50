import { page } from "fresh";
import { safePath } from "../lib/web/safe_path.ts";
import { define } from "../lib/web/state.ts";
import { SignInButton } from "./parts/sign_in_button.tsx";

export const handler = define.handlers({
  GET(ctx) {
    const next = safePath(ctx.url.searchParams.get("next"), "/account");
    const expired = ctx.url.searchParams.has("next") && !ctx.state.user;
    return page({ expired, signIn: `/auth?next=${encodeURIComponent(next)}` });
  },
});

/** The start page: what this is, and the way in. */
export default define.page<typeof handler>(({ data, state: { site, user } }) => (
  <>
    <h1>Send mail from anything, through your Microsoft account</h1>
    {data.expired && <p class="notice" role="status">Please sign in to see that page.</p>}
    <p class="lead">
      Outlook.com and Microsoft 365 no longer accept a user name and a password for sending mail.
      Printers, scanners, servers, Gmail and many mail programs know nothing else. This service
      stands in between.
    </p>
    <ol class="steps">
      <li>Sign in here, once, with your Microsoft account.</li>
      <li>Make an app password for your device or program.</li>
      <li>Enter it there as the password for outgoing mail (SMTP).</li>
    </ol>
    {user
      ? (
        <p>
          <a class="button" href={site.path("/account")}>Go to your account</a>
        </p>
      )
      : <SignInButton href={site.path(data.signIn)} />}
    <p class="fine-print">
      Messages go straight to Microsoft and are not stored here. You can revoke an app password, or
      delete your account here, at any time.
    </p>
  </>
));
