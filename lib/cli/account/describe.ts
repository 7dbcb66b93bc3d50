/**
 * Accounts in words.
 *
 * @module
 */
import { PERSONAL_TENANT_ID } from "../../microsoft/mod.ts";
import type { AccountRecord, AppPassword } from "../../store/mod.ts";
import type { Output } from "../output.ts";

export type AccountKind = "personal" | "work";

/** Personal accounts all belong to one tenant. */
export function kindOf({ tenantId }: Pick<AccountRecord, "tenantId">): AccountKind {
  return tenantId === PERSONAL_TENANT_ID ? "personal" : "work";
}

/** The state for people, coloured. */
export function paintState({ state }: Pick<AccountRecord, "state">, output: Output): string {
  return state === "active"
    ? output.paint("good", "active")
    : output.paint("bad", "sign in required");
}

/** `2026-11-22 15:44 UTC`; `never` for a time that has not been. */
export function formatTime(timeMs: number | undefined): string {
  if (timeMs === undefined) return "never";
  return `${new Date(timeMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** The time in JSON (RFC 3339). */
export function jsonTime(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}

/** When a client last logged in with any of these. */
export function lastUseOf(appPasswords: readonly AppPassword[]): number | undefined {
  const uses = appPasswords.flatMap(({ lastUsedAtMs }) => lastUsedAtMs ?? []);
  return uses.length === 0 ? undefined : Math.max(...uses);
}

/** An account as JSON has it. */
export function accountJson(account: AccountRecord, appPasswords: readonly AppPassword[]) {
  return {
    id: account.id,
    email: account.email,
    displayName: account.displayName,
    shortName: account.shortName ?? null,
    kind: kindOf(account),
    tenantId: account.tenantId,
    objectId: account.objectId,
    clientId: account.clientId,
    state: account.state,
    stateReason: account.stateReason ?? null,
    createdAt: jsonTime(account.createdAtMs),
    signedInAt: jsonTime(account.signedInAtMs),
    refreshedAt: jsonTime(account.refreshedAtMs),
    lastUsedAt: jsonTime(lastUseOf(appPasswords)),
    appPasswordCount: appPasswords.length,
  };
}

/** An app password as JSON has it; the password itself is kept nowhere. */
export function appPasswordJson(appPassword: AppPassword) {
  return {
    id: appPassword.id,
    name: appPassword.name,
    allowedSender: appPassword.allowedSender ?? null,
    imported: appPassword.imported,
    createdAt: jsonTime(appPassword.createdAtMs),
    lastUsedAt: jsonTime(appPassword.lastUsedAtMs),
    lastUsedAddress: appPassword.lastUsedAddress ?? null,
  };
}

/** App passwords as a table. */
export function printAppPasswords(appPasswords: readonly AppPassword[], output: Output): void {
  output.table(
    ["ID", "NAME", "SENDER", "CREATED", "LAST USED", "FROM"],
    appPasswords.map((appPassword) => [
      appPassword.id,
      appPassword.name,
      appPassword.allowedSender ?? "any",
      formatTime(appPassword.createdAtMs),
      formatTime(appPassword.lastUsedAtMs),
      appPassword.lastUsedAddress ?? "",
    ]),
  );
}
