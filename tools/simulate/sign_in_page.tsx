/**
 * The pages that a person sees at the simulated identity provider. Plain forms, so that a script can follow them.
 *
 * @module
 */
import type { Person } from "./people.ts";
import { renderPage } from "./page.tsx";

/** What the sign-in page is about. */
export interface SignInRequest {
  /** The application that asks. */
  readonly applicationId: string;
  /** Whom to offer. */
  readonly people: readonly Person[];
  /** The address to start with: `login_hint`. */
  readonly hint?: string;
  /** Why the last attempt was refused. */
  readonly problem?: string;
}

/** Asks who signs in: `address`, or `cancel`, is posted to the page's own address. */
export function signInPage({ applicationId, people, hint, problem }: SignInRequest): string {
  return renderPage({
    title: "Sign in",
    narrow: true,
    children: (
      <>
        <p>
          <small>Application {applicationId} wants to send mail for you.</small>
        </p>
        {problem && <p role="alert">{problem}</p>}
        <form method="post">
          {people.map(({ name, address }) => (
            <button type="submit" name="address" value={address}>
              {name}
              <small>{address}</small>
            </button>
          ))}
        </form>
        <form method="post">
          <label>
            Someone else
            <input type="email" name="address" value={hint} required autocomplete="off" />
          </label>
          <button type="submit">Next</button>
        </form>
        <form method="post">
          <button type="submit" name="cancel" value="yes">Cancel</button>
        </form>
      </>
    ),
  });
}

/**
 * A page around a form that oidc-provider wrote.
 *
 * @param form Trusted HTML, without a button: the one added says `logout=yes`, which only the form to sign out minds.
 * @param formId Its `id`.
 */
export function formPage(title: string, text: string, form: string, formId: string): string {
  return renderPage({
    title,
    narrow: true,
    children: (
      <>
        <p>{text}</p>
        <div dangerouslySetInnerHTML={{ __html: form }} />
        <button type="submit" form={formId} name="logout" value="yes">Continue</button>
      </>
    ),
  });
}

/** A page that only tells something. */
export function messagePage(title: string, text: string): string {
  return renderPage({ title, narrow: true, children: <p>{text}</p> });
}
