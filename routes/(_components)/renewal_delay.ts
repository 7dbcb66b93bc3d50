import { explainCause, type Explanation } from "../../lib/explain/mod.ts";
import { accountKind } from "../../lib/microsoft/mod.ts";
import { causeOf } from "../../lib/observers/mod.ts";
import type { AccountRecord } from "../../lib/store/mod.ts";
import type { WebServices } from "../../lib/web/mod.ts";

/**
 * Returns the reason why the access of an account could not be renewed, although its state is active: it heals by itself, or
 * the operator or an administrator has to help. `undefined`: the last renewal worked.
 */
export function explainDelay(
  { tokens }: Pick<WebServices, "tokens">,
  account: AccountRecord,
): Explanation | undefined {
  const status = account.appOnly ? tokens.applicationStatus(account) : tokens.status(account.id);
  return explainCause(causeOf(undefined, status?.error), account.email, accountKind(account));
}
