/**
 * Accounts and app passwords as text and as JSON.
 *
 * @module
 */
import { senderRuleOf } from "../../accounts/mod.ts";
import { accountKind } from "../../microsoft/mod.ts";
import type { AccountRecord, AccountState, AppPassword } from "../../store/mod.ts";
import type { Output } from "../output.ts";

const STATES: Readonly<Record<AccountState, string>> = {
  "active": "active",
  "refused": "refused by the submission server",
  "sign-in-required": "sign in required",
};

/** Returns the state of an account in words, coloured. */
export function paintState({ state }: Pick<AccountRecord, "state">, output: Output): string {
  return output.paint(state === "active" ? "good" : "bad", STATES[state]);
}

/** Formats a time as `2026-11-22 15:44 UTC`; `never` if there is none. */
export function formatTime(timeMs: number | undefined): string {
  if (timeMs === undefined) return "never";
  return `${new Date(timeMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Formats a time for JSON (RFC 3339). */
export function jsonTime(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}

/** Returns the time of the last login with any of these app passwords. */
export function lastUseOf(appPasswords: readonly AppPassword[]): number | undefined {
  const uses = appPasswords.flatMap(({ lastUsedAtMs }) => lastUsedAtMs ?? []);
  return uses.length === 0 ? undefined : Math.max(...uses);
}

/** Returns an account for JSON. */
export function accountJson(account: AccountRecord, appPasswords: readonly AppPassword[]) {
  return {
    id: account.id,
    email: account.email,
    signInName: account.signInName,
    displayName: account.displayName,
    shortName: account.shortName ?? null,
    kind: accountKind(account),
    tenantId: account.tenantId,
    objectId: account.objectId,
    clientId: account.clientId,
    state: account.state,
    stateReason: account.stateReason ?? null,
    createdAt: jsonTime(account.createdAtMs),
    signedInAt: jsonTime(account.appOnly ? undefined : account.signedInAtMs),
    refreshedAt: jsonTime(account.appOnly ? undefined : account.refreshedAtMs),
    lastUsedAt: jsonTime(lastUseOf(appPasswords)),
    appPasswordCount: appPasswords.length,
  };
}

/** Returns an app password for JSON, without the password itself, which is not stored. */
export function appPasswordJson(appPassword: AppPassword) {
  return {
    id: appPassword.id,
    name: appPassword.name,
    senderRule: senderRuleOf(appPassword),
    allowedSender: appPassword.allowedSender ?? null,
    allowedRecipients: appPassword.allowedRecipients?.split(" ") ?? null,
    dailyLimit: appPassword.dailyLimit ?? null,
    clientAddresses: appPassword.clientAddresses?.split(" ") ?? null,
    imported: appPassword.imported,
    createdAt: jsonTime(appPassword.createdAtMs),
    lastUsedAt: jsonTime(appPassword.lastUsedAtMs),
    lastUsedAddress: appPassword.lastUsedAddress ?? null,
  };
}

function limitsOf({ allowedRecipients, dailyLimit, clientAddresses }: AppPassword): string[] {
  return [
    ...allowedRecipients ? [`to ${allowedRecipients}`] : [],
    ...dailyLimit ? [`${dailyLimit} a day`] : [],
    ...clientAddresses ? [`no login from ${clientAddresses}`] : [],
  ];
}

/** Prints app passwords as a table. */
export function printAppPasswords(appPasswords: readonly AppPassword[], output: Output): void {
  if (appPasswords.length === 0) return output.line("No app passwords.");
  output.table(
    ["ID", "NAME", "SENDER", "LIMITS", "CREATED", "LAST USED", "FROM"],
    appPasswords.map((appPassword) => [
      appPassword.id,
      appPassword.name,
      appPassword.forcedSender ? "always the mailbox" : appPassword.allowedSender ?? "any",
      limitsOf(appPassword).join("; ") || "none",
      formatTime(appPassword.createdAtMs),
      formatTime(appPassword.lastUsedAtMs),
      appPassword.lastUsedAddress ?? "",
    ]),
  );
}
