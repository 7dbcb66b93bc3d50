/**
 * The pages that a person sees at the simulated identity provider. Plain forms, so that a script can follow them.
 *
 * @module
 */
import { renderPage } from "../pages/page.tsx";
import type { Person } from "../people.ts";

/** Content of the sign-in page. */
export interface SignInRequest {
  /** Name of the application that asks. */
  readonly applicationName: string;
  /** The accounts to offer. */
  readonly people: readonly Person[];
  /** The name to start with: `login_hint`. */
  readonly hint?: string;
  /** Why the last attempt was refused. */
  readonly problem?: string;
}

/** Asks who signs in: `address`, or `cancel`, is posted to the page's own address. */
export function signInPage({ applicationName, people, hint, problem }: SignInRequest): string {
  return renderPage({
    title: "Sign in",
    narrow: true,
    children: (
      <>
        <p>
          <strong>{applicationName}</strong> wants to send mail in your name.
        </p>
        {problem && <p role="alert">{problem}</p>}
        <h2>Pick an account</h2>
        <form method="post">
          {people.map((person) => <PersonButton key={person.objectId} person={person} />)}
        </form>
        <h2>Use another account</h2>
        <form method="post">
          <label for="address">Sign-in name</label>
          <input
            type="email"
            id="address"
            name="address"
            value={hint}
            required
            autocomplete="off"
            aria-describedby="address-help"
          />
          <small id="address-help">
            Any address will do. No password is asked: this is a simulation.
          </small>
          <button type="submit" class="main">Next</button>
        </form>
        <form method="post">
          <button type="submit" name="cancel" value="yes">Cancel</button>
        </form>
      </>
    ),
  });
}

function PersonButton({ person }: { readonly person: Person }) {
  const { name, signInName, address } = person;
  return (
    <button type="submit" name="address" value={signInName}>
      {name}
      <small>{signInName}</small>
      {address !== signInName && <small>mail address: {address}</small>}
    </button>
  );
}

/** Asks an administrator to consent for the organisation: `administrator`, or `cancel`, is posted. */
export function consentPage(
  { applicationName, administrators }: {
    readonly applicationName: string;
    readonly administrators: readonly Person[];
  },
): string {
  return renderPage({
    title: "Permissions requested for your organisation",
    narrow: true,
    children: (
      <>
        <p>
          <strong>{applicationName}</strong>{" "}
          wants to send mail for everybody in your organisation. Only an administrator can allow it.
        </p>
        {administrators.length === 0 && <p role="alert">This organisation has no administrator.</p>}
        <form method="post">
          {administrators.map(({ name, signInName }) => (
            <button type="submit" name="administrator" value={signInName}>
              Accept as {name}
              <small>{signInName}</small>
            </button>
          ))}
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
