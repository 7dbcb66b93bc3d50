/**
 * The return of an administrator's browser from the page on which it consented for a whole organisation.
 *
 * @module
 */
import { explainSignInError } from "../explain/mod.ts";
import { MicrosoftError } from "./errors.ts";

/** Tells our own consent links from sign-ins. It protects nothing: the return changes nothing here. */
export const ADMIN_CONSENT_STATE = "admin-consent";

/**
 * Recognises the return from Microsoft's admin consent page: `?admin_consent=True&tenant=…`, with or without a state.
 *
 * @returns Whether it is one, with consent granted.
 * @throws {MicrosoftError} `cancelled` or `refused` when it was not granted.
 */
export function readAdminConsent(callback: URL): boolean {
  const parameters = callback.searchParams;
  const isOurs = parameters.get("state") === ADMIN_CONSENT_STATE;
  if (parameters.has("code") || !isOurs && !parameters.has("admin_consent")) return false;
  const error = parameters.get("error");
  if (error === null) return parameters.get("admin_consent")?.toLowerCase() === "true";
  const description = parameters.get("error_description") ?? "";
  const explanation = explainSignInError(error, description, "work");
  throw new MicrosoftError(explanation.outcome, explanation, { oauthError: error }).atSignIn();
}
