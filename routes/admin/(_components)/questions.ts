/**
 * Questions before an operator does something to an account.
 *
 * @module
 */
import type { Question } from "../../../islands/question.tsx";
import type { KnownRegistration } from "../../../lib/program/mod.ts";
import type { AccountRecord, Invitation } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";

/** Asks before an account is deleted. */
export function deleteQuestion(site: Site, { id, email, appOnly }: AccountRecord): Question {
  if (appOnly) {
    return {
      action: site.path(`/admin/accounts/${id}/delete`),
      label: "Delete mailbox",
      title: `Delete ${email}?`,
      text: "This removes the mailbox from this server, with its app passwords and its activity. " +
        "Its devices stop. At Microsoft it stays as it is.",
      confirm: `Delete ${email}`,
      isDangerous: true,
    };
  }
  return {
    action: site.path(`/admin/accounts/${id}/delete`),
    label: "Delete account",
    title: `Delete ${email}?`,
    text:
      "This removes the account with its app passwords and its activity. Its devices stop. The person can " +
      "sign in again, unless your account filters say otherwise.",
    confirm: `Delete ${email}`,
    isDangerous: true,
  };
}

/** Asks before the browsers of an account are signed out. */
export function signOutQuestion(site: Site, { id }: AccountRecord): Question {
  return {
    action: site.path(`/admin/accounts/${id}/sign-out`),
    label: "Sign out of all browsers",
    title: "Sign out of all browsers?",
    text:
      "Whoever is signed in to these pages with this account has to sign in again. Devices go on sending.",
    confirm: "Sign out",
  };
}

/** Asks for the end of the client secret of an app registration. */
export function secretEndQuestion(
  site: Site,
  { clientId, endsAtMs }: Pick<KnownRegistration, "clientId" | "endsAtMs">,
): Question {
  const day = endsAtMs === undefined ? "" : new Date(endsAtMs).toISOString().slice(0, 10);
  return {
    action: site.path(`/admin/registrations/${encodeURIComponent(clientId)}/secret-end`),
    label: day === "" ? "Enter expiry date" : "Change expiry date",
    title: "When does the client secret expire?",
    text:
      "Mail stops on that day; you are warned 30 and 7 days before. Find the date in the Microsoft " +
      "Entra admin center, under App registrations, Certificates & secrets, in the column Expires. " +
      "If APP_SECRET_EXPIRES is set, it takes precedence.",
    confirm: "Save",
    field: {
      name: "secret-end",
      label: "Expiry date",
      value: day,
      type: "date",
    },
  };
}

/** Asks before an invitation is revoked. */
export function revokeInvitationQuestion(site: Site, { id, name }: Invitation): Question {
  return {
    action: site.path(`/admin/organisation/invitations/${id}/revoke`),
    label: "Revoke",
    title: `Revoke the invitation for ${name}?`,
    text:
      "Its link admits nobody any more. People who have used it keep their accounts; delete those to remove them.",
    confirm: "Revoke the invitation",
    isDangerous: true,
  };
}
