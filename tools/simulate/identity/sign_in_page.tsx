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

/** Renders the sign-in page. It posts `address` or `cancel` to its own address. */
export function signInPage({ applicationName, people, hint, problem }: SignInRequest): string {
  return renderPage({
    title: "Sign in",
    narrow: true,
    children: (
      <>
        <ApplicationLine name={applicationName} wish="wants to send mail in your name." />
        {problem && <p id="problem" role="alert">{problem}</p>}
        <h2>Pick an account</h2>
        <form method="post">
          <ul class="people">
            {people.map((person) => (
              <li key={person.objectId}>
                <PersonButton person={person} />
              </li>
            ))}
          </ul>
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
            aria-invalid={problem ? "true" : undefined}
            aria-describedby={problem ? "problem address-help" : "address-help"}
          />
          <small id="address-help">
            Any address will do. No password is asked: this is a simulation.
          </small>
          <button type="submit" class="main">Next</button>
        </form>
        <form method="post" class="actions">
          <button type="submit" name="cancel" value="yes">Cancel</button>
        </form>
      </>
    ),
  });
}

function PersonButton({ person }: { readonly person: Person }) {
  const { name, signInName, address } = person;
  return (
    <button type="submit" class="person" name="address" value={signInName}>
      <Initials name={name} />
      <span>
        {name}
        <small>{signInName}</small>
        {address !== signInName && <small>mail address: {address}</small>}
      </span>
    </button>
  );
}

function ApplicationLine({ name, wish }: { readonly name: string; readonly wish: string }) {
  return (
    <p class="application">
      <Initials name={name} />
      <span>
        <strong>{name}</strong> {wish}
      </span>
    </p>
  );
}

function Initials({ name }: { readonly name: string }) {
  const letters = name.split(" ").map(([first]) => first).slice(0, 2).join("");
  return <span class="initials" aria-hidden="true">{letters.toUpperCase()}</span>;
}

/** Renders the page for an administrator's consent. It posts `administrator` or `cancel`. */
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
        <ApplicationLine
          name={applicationName}
          wish="wants to send mail for everybody in your organisation. Only an administrator can allow it."
        />
        {administrators.length === 0 && <p role="alert">This organisation has no administrator.</p>}
        <form method="post">
          {administrators.map(({ name, signInName }) => (
            <button type="submit" class="person" name="administrator" value={signInName}>
              <Initials name={name} />
              <span>
                Accept as {name}
                <small>{signInName}</small>
              </span>
            </button>
          ))}
        </form>
        <form method="post" class="actions">
          <button type="submit" name="cancel" value="yes">Cancel</button>
        </form>
      </>
    ),
  });
}

/**
 * Renders a page around a form of oidc-provider.
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
        <button type="submit" class="main" form={formId} name="logout" value="yes">Continue</button>
      </>
    ),
  });
}

/** Renders a page with a message. */
export function messagePage(title: string, text: string): string {
  return renderPage({ title, narrow: true, children: <p>{text}</p> });
}
