/**
 * Sign-ins that do not work, in words.
 *
 * @module
 */
import type { Explanation } from "../explain/mod.ts";
import type { TransactionProblem } from "./transaction.ts";

type Problem = Pick<Explanation, "title" | "cause" | "fixer" | "remedy">;

const START_AGAIN = "Start the sign-in again from the proxy's web page.";

const TRANSACTION_PROBLEMS: Readonly<Record<TransactionProblem, Problem>> = {
  missing: {
    title: "This sign-in did not begin in this browser",
    cause:
      "The browser did not send the cookie that was set at the beginning. It was opened in another browser or at " +
      "another address of this site, or cookies are blocked.",
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
  const explanation = explained(`sign_in_${problem}`, TRANSACTION_PROBLEMS[problem]);
  if (problem !== "missing" || callback.hostname !== "localhost") return explanation;
  return {
    ...explanation,
    cause:
      "The browser did not send the cookie that was set at the beginning: probably it began at " +
      `${callback.protocol}//127.0.0.1, which is another site for a browser than localhost.`,
    remedy: `Open ${callback.origin}/ and sign in from there.`,
  };
}

/**
 * Explains a redirect URI that Microsoft does not take: `http:` is for localhost only, and compared letter by letter.
 *
 * @returns `undefined` for a redirect URI that can work.
 */
export function explainRedirectUri(redirectUri: string): Explanation | undefined {
  const { protocol, hostname, port } = new URL(redirectUri);
  if (protocol === "https:" || hostname === "localhost") return undefined;
  const loopback = hostname.startsWith("127.") || hostname === "[::1]";
  const localhost = `http://localhost${port && `:${port}`}/`;
  return explained("redirect_uri", {
    title: loopback ? "Use localhost instead of this address" : "Signing in needs HTTPS",
    cause:
      `Microsoft sends browsers back only to addresses with https, and to http://localhost; not to ${hostname}.`,
    fixer: loopback ? "user" : "operator",
    remedy: loopback
      ? `Open ${localhost} and sign in from there.`
      : "Serve this site over HTTPS (HTTPS_KEY_FILE and HTTPS_CERT_FILE, or a reverse proxy in TRUST_PROXY), and set " +
        `PUBLIC_URL. On the machine itself, ${localhost} works too.`,
  });
}

/** Explains a refusal by the sign-up policy. */
export function explainNotAllowed(email: string): Explanation {
  return explained("not_allowed", {
    title: "This account may not use this proxy",
    cause: `The operator of this proxy has not admitted ${email}.`,
    fixer: "operator",
    remedy: "Sign in with another account, or ask the operator of this proxy to admit this one.",
  });
}

/** Explains the return of an administrator who has consented for the organisation. */
export function explainConsentGranted(): Explanation {
  return explained("admin_consent", {
    title: "Consent was granted for the organisation",
    cause: "Everybody in the organisation may use this proxy with their Microsoft accounts now.",
    fixer: "user",
    remedy: "Sign in with Microsoft.",
  });
}

/** Explains a trouble of our own, such as a locked database. */
export function explainUnavailable(): Explanation {
  return explained("unavailable", {
    title: "The sign-in could not be stored",
    cause: "The proxy's database is not available at the moment.",
    fixer: "operator",
    remedy: "Try again in a minute. If it stays like this, tell the operator of this proxy.",
  });
}

function explained(code: string, problem: Problem): Explanation {
  return { ...problem, code, smtpText: problem.title, known: true };
}
