/**
 * The last step of a sign-in, in a browser or on the command line: an account is made or renewed.
 *
 * @module
 */
import type { Clock } from "../base/mod.ts";
import type { Explanation } from "../explain/mod.ts";
import { getLogger } from "../log/mod.ts";
import type { SignedIn } from "../microsoft/mod.ts";
import type { SignedInAccount, TokenVault } from "../store/mod.ts";
import { explainNotAllowed } from "./problems.ts";
import type { SignUpPolicy } from "./sign_up_policy.ts";

/** Dependencies of {@linkcode signUp}. */
export interface SignUpOptions {
  readonly vault: Pick<TokenVault, "recordSignIn">;
  readonly signUpPolicy: Pick<SignUpPolicy, "refusal">;
  readonly clock: Pick<Clock, "now">;
}

/** Somebody whom the sign-up policy does not allow. */
export class NotAllowedError extends Error {
  override readonly name = "NotAllowedError";

  /** @param email The address of the account, as far as Microsoft tells it. */
  constructor(readonly email: string, readonly explanation: Explanation) {
    super(explanation.title);
  }
}

const log = getLogger("sign-in");

/**
 * Stores the result of a sign-in, if the policy allows the account. One that is here already is stopped as well: the
 * operator may have changed the filters.
 *
 * @throws {NotAllowedError}
 * @throws {StoreError}
 */
export async function signUp(
  { identity, clientId, tokens }: SignedIn,
  { vault, signUpPolicy, clock }: SignUpOptions,
): Promise<SignedInAccount> {
  const { email, tenantId, objectId } = identity;
  const refusal = signUpPolicy.refusal(identity);
  if (refusal) {
    log.warning("sign-in refused by the account filters", {
      email,
      tenantId,
      objectId,
      ...refusal,
    });
    throw new NotAllowedError(email, explainNotAllowed(email, refusal));
  }
  const signedIn = await vault.recordSignIn({ ...identity, clientId, atMs: clock.now() }, tokens);
  const { account, created } = signedIn;
  log.info("signed in", { account: account.id, created, email, tenantId, objectId });
  return signedIn;
}
