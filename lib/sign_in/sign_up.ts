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
  readonly vault: Pick<TokenVault, "recordSignIn">;
  readonly signUpPolicy: Pick<SignUpPolicy, "refusal">;
  readonly clock: Pick<Clock, "now">;
  readonly store: { readonly accounts: Pick<AccountStore, "getByIdentity"> };
  readonly invitations: InvitationUser;
}

/** Takes invitations. */
export interface InvitationUser {
  /** Uses an invitation up once. Returns its name; `undefined` if it does not work, or no more. */
  use(token: string): Promise<string | undefined>;
}

/** The account of a sign-in. */
export interface SignedUpAccount extends SignedInAccount {
  /** The name of the invitation that a new person used. */
  readonly invitation?: string;
}

/** Somebody whom the sign-up policy does not allow. */
export class NotAllowedError extends Error {
  override readonly name = "NotAllowedError";

  /** @param email The address of the account, as Microsoft names it. */
  constructor(readonly email: string, readonly explanation: Explanation) {
    super(explanation.title);
  }
}

const log = getLogger("sign-in");

/**
 * Stores the result of a sign-in, if the policy allows the account. One that is here already is stopped as well: the
 * operator may have changed the filters.
 *
 * @param token Of an invitation: it counts for somebody new, and admits somebody whom no filter names. It admits nobody whom
 * a filter excludes.
 * @throws {NotAllowedError}
 * @throws {StoreError}
 */
export async function signUp(
  { identity, clientId, tokens }: SignedIn,
  { vault, signUpPolicy, clock, store, invitations }: SignUpOptions,
  token?: string,
): Promise<SignedUpAccount> {
  const { email, tenantId, objectId } = identity;
  const known = await store.accounts.getByIdentity(identity);
  const refusal = signUpPolicy.refusal({ ...identity, isInvited: known?.isInvited });
  const mayUse = refusal ? refusal.rule === undefined : known === undefined;
  const invitation = token !== undefined && mayUse ? await invitations.use(token) : undefined;
  if (refusal && invitation === undefined) {
    log.warning("sign-in refused by the account filters", {
      email,
      tenantId,
      objectId,
      ...refusal,
    });
    throw new NotAllowedError(email, explainNotAllowed(email, refusal));
  }
  const isInvited = refusal !== undefined;
  const atMs = clock.now();
  const signedIn = await vault.recordSignIn({ ...identity, clientId, isInvited, atMs }, tokens);
  const { account, created } = signedIn;
  if (isInvited) {
    log.warning("admitted by an invitation, though no account filter names the account", {
      ...{ account: account.id, email, tenantId, objectId, invitation },
    });
  }
  log.info("signed in", {
    ...{ account: account.id, created, email, tenantId, objectId },
    ...{ invitation },
  });
  return { ...signedIn, invitation };
}
