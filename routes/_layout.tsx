import { define } from "../lib/web/state.ts";
import { PRODUCT } from "./_app.tsx";

/** Header and main part of every page. */
export default define.layout(({ Component, state: { site, user } }) => (
  <>
    <a class="skip-link" href="#main">Skip to the content</a>
    <header class="site-header">
      <a class="site-name" href={site.path("/")}>{PRODUCT}</a>
      {user && (
        <nav aria-label="Account">
          <a href={site.path("/account")}>{user.account.email}</a>
          <form method="post" action={site.path("/account/sign-out")}>
            <button type="submit" class="quiet">Sign out</button>
          </form>
        </nav>
      )}
    </header>
    <main id="main">
      <Component />
    </main>
  </>
));
