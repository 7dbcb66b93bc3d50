/**
 * Explanations of sign-ins that do not work.
 *
 * @module
 */
import { isLoopbackHost } from "../base/mod.ts";
import { type Explanation, explanationOf, START_AGAIN, type Wording } from "../explain/mod.ts";
import type { SignUpRefusal } from "./sign_up_policy.ts";
import type { TransactionProblem } from "./transaction.ts";

const TRANSACTION_PROBLEMS: Readonly<Record<TransactionProblem, Wording>> = {
  missing: {
    title: "This sign-in did not begin in this browser",
    cause:
      "The browser did not send the cookie that was set at the beginning. It was opened in another browser or at " +
      "another address of this site (for a browser, 127.0.0.1 and localhost are two), or cookies are blocked.",
    fixer: "user",
    remedy: START_AGAIN,
  },
  expired: {
    title: "The sign-in took too long",
    cause: "A sign-in has to be complete within ten minutes.",
    fixer: "user",
    remedy: START_AGAIN,
  },
  foreign: {
    title: "This is the answer to another sign-in",
    cause:
      "Another sign-in was begun in this browser after this one, or the address was made by somebody else.",
    fixer: "user",
    remedy: START_AGAIN,
  },
  used: {
    title: "This sign-in was used already",
    cause: "The page was loaded a second time.",
    fixer: "user",
    remedy: START_AGAIN,
  },
};

/** Explains a callback without a transaction. @param callback The address that the browser came back to. */
export function explainTransaction(problem: TransactionProblem, callback: URL): Explanation {
  const explanation = explanationOf(`sign_in_${problem}`, TRANSACTION_PROBLEMS[problem]);
  if (problem !== "missing") return explanation;
  return { ...explanation, remedy: `Open ${new URL(".", callback).href} and sign in from there.` };
}

/**
 * Explains a redirect URI that Microsoft does not take: `http:` is for the machine itself.
 *
 * @returns `undefined` for a redirect URI that can work. The form of the portal refuses `http://127.0.0.1`, but an app
 * registration can have it.
 */
export function explainRedirectUri(redirectUri: string): Explanation | undefined {
  const { protocol, hostname, port } = new URL(redirectUri);
  if (protocol === "https:" || isLoopbackHost(hostname)) return undefined;
  return explanationOf("redirect_uri", {
    title: "Signing in needs HTTPS",
    cause:
      `Microsoft sends browsers back only to addresses with https, and to http://localhost; not to ${hostname}.`,
    fixer: "operator",
    remedy:
      "Serve this site over HTTPS (HTTPS_KEY_FILE and HTTPS_CERT_FILE, or a reverse proxy in TRUST_PROXY), and set " +
      `PUBLIC_URL. On the machine itself, http://localhost${port && `:${port}`}/ works too.`,
  });
}

/** Explains a refusal by the sign-up policy. */
export function explainNotAllowed(
  email: string,
  { rule, setting, entry }: SignUpRefusal,
): Explanation {
  return explanationOf("not_allowed", {
    title: "This account may not use this proxy",
    cause: rule
      ? `The operator of this proxy excludes ${email} (${rule}).`
      : `The operator of this proxy has not admitted ${email}.`,
    fixer: "operator",
    remedy: rule
      ? `To admit this account, the operator changes ${setting}. Or sign in with another account.`
      : `To admit this account, the operator adds ${entry} to ${setting}. Or sign in with another account.`,
  });
}

/** Explains the return of an administrator who has consented for the organisation. */
export function explainConsentGranted(): Explanation {
  return explanationOf("admin_consent", {
    title: "Consent was granted for the organisation",
    cause: "Everybody in the organisation may use this proxy with their Microsoft accounts now.",
    fixer: "user",
    remedy: "Sign in with Microsoft.",
  });
}

/** Explains a fault of our own, such as a locked database. */
export function explainUnavailable(): Explanation {
  return explanationOf("unavailable", {
    title: "The sign-in could not be stored",
    cause: "The proxy's database is not available at the moment.",
    fixer: "operator",
    remedy: "Try again in a minute. If it stays like this, tell the operator of this proxy.",
  });
}

/** Explains why no sign-in is passed to Microsoft at the moment. */
export function explainTooMany(): Explanation {
  return explanationOf("too_many_sign_ins", {
    title: "Too many sign-ins have failed",
    cause: "Too many sign-ins from your network, or from everywhere, have failed lately.",
    fixer: "nobody",
    remedy: "Try again in ten minutes.",
  });
}
