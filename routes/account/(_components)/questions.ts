/**
 * Questions before something is done to an account by its owner.
 *
 * @module
 */
import type { Question } from "../../../islands/question.tsx";
import type { AppPassword } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";

/** Asks before the account is deleted. */
export function deleteQuestion(site: Site): Question {
  return {
    action: site.path("/account/delete"),
    label: "Delete account",
    title: "Delete your account here?",
    text: "This removes your app passwords, your activity and everything else that is kept about " +
      "you here. Devices that send through this server stop. Your mailbox at Microsoft is not touched.",
    confirm: "Delete my account here",
    isDangerous: true,
  };
}

/** Asks before an app password is revoked. */
export function revokeQuestion(site: Site, { id, name }: AppPassword): Question {
  return {
    action: site.path(`/account/passwords/${id}/revoke`),
    label: "Revoke",
    title: `Revoke “${name}”?`,
    text: "The device or program that uses it can no longer send. This cannot be undone.",
    confirm: "Revoke",
    isDangerous: true,
  };
}

/** Asks for the new name of an app password. */
export function renameQuestion(site: Site, { id, name }: AppPassword): Question {
  return {
    action: site.path(`/account/passwords/${id}/rename`),
    label: "Rename",
    title: `Rename “${name}”`,
    confirm: "Rename",
    field: { name: "name", label: "New name", value: name, maxLength: 64 },
  };
}
