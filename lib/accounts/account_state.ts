/**
 * The states of accounts in words.
 *
 * @module
 */
import type { Reply } from "../../smtp/mod.ts";
import { explainReason, explainReply, type Explanation } from "../explain/mod.ts";
import { accountKind } from "../microsoft/mod.ts";
import type { AccountRecord } from "../store/mod.ts";

/** A reply has up to 512 octets a line; its beginning says why. */
const REASON_LENGTH = 300;

/**
 * Returns a refusing reply as `AccountRecord.stateReason` has it: without the server's name and the time in brackets, which
 * differ each time.
 */
export function refusalReason(reply: Reply): string {
  return String(reply).replace(/ *\[[^[\]]*\]/g, "").slice(0, REASON_LENGTH);
}

/** Returns the explanation of an account's state, with the remedy; `undefined` if it is active. */
export function explainState(
  account: Pick<AccountRecord, "state" | "stateReason" | "email" | "tenantId" | "appOnly">,
): Explanation | undefined {
  const { state, stateReason, email } = account;
  const kind = accountKind(account);
  if (state === "sign-in-required") return explainReason(stateReason, kind);
  if (state === "active") return undefined;
  return explainReply(stateReason ?? "", email, kind);
}
