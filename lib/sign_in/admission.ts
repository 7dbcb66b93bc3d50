/**
 * From a completed sign-in to an account, in a browser or on the command line.
 *
 * @module
 */
import type { Clock } from "../base/mod.ts";
import type { Explanation } from "../explain/mod.ts";
import { getLogger } from "../log/mod.ts";
import type { SignedIn } from "../microsoft/mod.ts";
import type { Registration } from "./registration.ts";
import type { AccountStore, SignedInAccount, TokenVault } from "../store/mod.ts";
import { explainNotAllowed } from "./problems.ts";

/** What {@linkcode Admission} needs. */
export interface AdmissionOptions {
  readonly store: { readonly accounts: Pick<AccountStore, "getByIdentity"> };
  readonly vault: Pick<TokenVault, "recordSignIn">;
  readonly registration: Pick<Registration, "mayRegister">;
  readonly clock: Pick<Clock, "now">;
}

/** The operator's filters do not let somebody in. */
export class NotAllowedError extends Error {
  override readonly name = "NotAllowedError";

  constructor(readonly explanation: Explanation) {
    super(explanation.title);
  }
}

const log = getLogger("sign-in");

/** Lets people in, or not. */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Stores what a sign-in gave. The filters decide who may come; who is here already may renew.
   *
   * @throws {NotAllowedError}
   * @throws {StoreError}
   */
  async admit({ identity, clientId, tokens }: SignedIn): Promise<SignedInAccount> {
    const { store, vault, registration, clock } = this.#options;
    const known = await store.accounts.getByIdentity(identity);
    if (!known && !registration.mayRegister(identity)) {
      throw new NotAllowedError(explainNotAllowed(identity.email));
    }
    const signedIn = await vault.recordSignIn({ ...identity, clientId, atMs: clock.now() }, tokens);
    log.info("signed in", { account: signedIn.account.id, created: signedIn.created });
    return signedIn;
  }
}
