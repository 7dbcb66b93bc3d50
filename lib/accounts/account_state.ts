/**
 * The states of accounts in words.
 *
 * @module
 */
import { explainCause, explainReason, type Explanation } from "../explain/mod.ts";
import { accountKind } from "../microsoft/mod.ts";
import type { AccountRecord } from "../store/mod.ts";

/** Returns the explanation of an account's state, with the remedy; `undefined` if it is active. */
export function explainState(
  account: Pick<AccountRecord, "state" | "stateReason" | "email" | "tenantId" | "appOnly">,
): Explanation | undefined {
  const { state, stateReason, email } = account;
  const kind = accountKind(account);
  if (state === "sign-in-required") return explainReason(stateReason, kind);
  if (state === "active") return undefined;
  return explainCause(`upstream:${stateReason ?? ""}`, email, kind);
}
