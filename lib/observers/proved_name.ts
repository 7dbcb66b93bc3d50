/**
 * The sign-in names that logins have proved.
 *
 * @module
 */
import type { Observer } from "../../smtp/mod.ts";
import type { AccountStore } from "../store/mod.ts";

/**
 * Returns an observer that confirms an unconfirmed sign-in name once a login has succeeded with it.
 *
 * @param onError Called when the name can't be stored; it is tried again at the next login.
 */
export function confirmProvedNames(
  accounts: Pick<AccountStore, "confirmSignInName">,
  onError: (error: unknown) => void,
): Observer {
  return (event) => {
    if (event.type !== "login" || event.failure !== undefined) return;
    if (event.account?.otherName === undefined) return;
    const { id, signInName } = event.account;
    accounts.confirmSignInName(id, signInName).catch(onError);
  };
}
