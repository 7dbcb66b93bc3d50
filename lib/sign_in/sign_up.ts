/**
 * The last step of a sign-in, in a browser or on the command line: an account is made or renewed.
 *
 * @module
 */
import type { Clock } from "../base/mod.ts";
import type { Explanation } from "../explain/mod.ts";
import { getLogger } from "../log/mod.ts";
import type { SignedIn } from "../microsoft/mod.ts";
import type { AccountStore, SignedInAccount, TokenVault } from "../store/mod.ts";
import { explainNotAllowed } from "./problems.ts";
import type { SignUpPolicy } from "./sign_up_policy.ts";

/** Dependencies of {@linkcode signUp}. */
export interface SignUpOptions {
  readonly store: { readonly accounts: Pick<AccountStore, "getByIdentity"> };
  readonly vault: Pick<TokenVault, "recordSignIn">;
  readonly signUpPolicy: Pick<SignUpPolicy, "allows">;
  readonly clock: Pick<Clock, "now">;
}

/** Somebody whom the sign-up policy does not allow. */
export class NotAllowedError extends Error {
  override readonly name = "NotAllowedError";

  constructor(readonly explanation: Explanation) {
    super(explanation.title);
  }
}

const log = getLogger("sign-in");

/**
 * Stores the result of a sign-in. The policy decides about new accounts; those that are here already may renew.
 *
 * @throws {NotAllowedError}
 * @throws {StoreError}
 */
export async function signUp(
  { identity, clientId, tokens }: SignedIn,
  { store, vault, signUpPolicy, clock }: SignUpOptions,
): Promise<SignedInAccount> {
  const known = await store.accounts.getByIdentity(identity);
  if (!known && !signUpPolicy.allows(identity)) {
    throw new NotAllowedError(explainNotAllowed(identity.email));
  }
  const signedIn = await vault.recordSignIn({ ...identity, clientId, atMs: clock.now() }, tokens);
  log.info("signed in", { account: signedIn.account.id, created: signedIn.created });
  return signedIn;
}
