/**
 * Steps that several explanations share. Data only.
 *
 * @module
 */

/** For a failure that mail programs get over. */
export const MAIL_PROGRAMS_RETRY = "Nothing to do: mail programs try again by themselves.";

/** For a failure that the proxy gets over. */
export const PROXY_RETRIES = "Nothing to do: the proxy tries again by itself.";

/** For somebody whose sign-in cannot go on. */
export const START_AGAIN = "Start the sign-in again from the proxy's web page.";

/** For the owner of an account whose sign-in is dead. */
export const SIGN_IN_AGAIN = "Sign in with Microsoft again on the proxy's web page.";

/** For an operator whose proxy talks to a server that is not Microsoft's. */
export const CHECK_TARGET = "Check SMTP_TARGET_HOST: it has to be Microsoft's own server.";

/** For somebody at the sign-in page while Microsoft's service has a fault. */
export const PRESS_AGAIN = {
  fixer: "user",
  remedy: "Wait a minute, then press the sign-in button again.",
} as const;
