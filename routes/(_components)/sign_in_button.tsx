import type { Fixer } from "../../lib/explain/mod.ts";
import type { State } from "../../lib/web/mod.ts";

/** Starts the sign-in. Looks as Microsoft's branding guidelines ask. */
export function SignInButton({ href }: { href: string }) {
  return (
    <p>
      <a class="microsoft-button" href={href} rel="nofollow">
        <svg width="21" height="21" viewBox="0 0 21 21" aria-hidden="true">
          <rect x="1" y="1" width="9" height="9" fill="#f25022" />
          <rect x="11" y="1" width="9" height="9" fill="#7fba00" />
          <rect x="1" y="11" width="9" height="9" fill="#00a4ef" />
          <rect x="11" y="11" width="9" height="9" fill="#ffb900" />
        </svg>
        Sign in with Microsoft
      </a>
    </p>
  );
}

/** The way in: to the account of somebody who is signed in, else to Microsoft. @param signIn Path that starts the sign-in. */
export function Enter({ state: { site, user }, signIn }: { state: State; signIn: string }) {
  if (!user) return <SignInButton href={site.path(signIn)} />;
  return (
    <p>
      <a class="button" href={site.path("/account")}>Go to your account</a>
    </p>
  );
}

interface NextSignInProps {
  readonly fixer: Fixer;
  readonly href: string;
}

/** The way to the next sign-in: a button for whom it helps, else only a link for afterwards. */
export function NextSignIn({ fixer, href }: NextSignInProps) {
  if (fixer === "user" || fixer === "nobody") return <SignInButton href={href} />;
  return (
    <p class="actions">
      <a class="button quiet" href={href} rel="nofollow">That is done: sign in</a>
    </p>
  );
}
