/**
 * Accounts on a database for tests.
 *
 * @module
 */
import { Accounts, type AccountsOptions } from "./accounts.ts";
import { Secrets } from "../crypto/secrets.ts";
import type { AccountRecord, SignInRecord } from "../store/store.ts";
import { signIn, START_MS, type StoreFixture, withStore } from "../store/testing.ts";
import { TokenVault } from "../store/token_vault.ts";

export const SECRET = "a secret of at least 32 characters....";

/** Accounts and their surroundings. */
export interface AccountsFixture extends StoreFixture {
  readonly secrets: Secrets;
  readonly vault: TokenVault;
  readonly accounts: Accounts;
  /** Another instance, as another process or a later start would have it. */
  open(options?: Partial<AccountsOptions>): Promise<Accounts>;
  /** Signs somebody in. */
  signIn(changes?: Partial<SignInRecord>): Promise<AccountRecord>;
}

/** Runs a test with an empty database. */
export function withAccounts(test: (fixture: AccountsFixture) => Promise<void>): Promise<void> {
  return withStore(async (fixture) => {
    const { store, clock } = fixture;
    const secrets = new Secrets([SECRET]);
    const vault = new TokenVault(store, secrets);
    const open = (options: Partial<AccountsOptions> = {}) =>
      Accounts.open({ store, secrets, clock, ...options });
    await test({
      ...fixture,
      secrets,
      vault,
      open,
      accounts: await open(),
      signIn: async (changes) => (await vault.recordSignIn(signIn(changes), TOKENS)).account,
    });
  });
}

const TOKENS = {
  accessToken: "access",
  accessTokenExpiresAtMs: START_MS + 3_600_000,
  refreshToken: "refresh",
  obtainedAtMs: START_MS,
};
