/**
 * The states and names of accounts, as the submission server's answers show them.
 *
 * @module
 */
import type { Observer, Reply } from "../../smtp/mod.ts";
import { explainState, refusalReason } from "../accounts/mod.ts";
import type { Alerts } from "../alerts/mod.ts";
import type { AccountRecord, AccountStore } from "../store/mod.ts";

/** The dependencies of {@linkcode trackRefusals}. */
export interface AccountStatesOptions {
  readonly accounts: Pick<AccountStore, "accept" | "get" | "list" | "refuse">;
  readonly alerts: Pick<Alerts, "raise" | "clear">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Called when the database fails. */
  readonly onError: (error: unknown) => void;
}

/** Alerts that are raised at the start: enough to see what is wrong. */
const ALERTS_AT_START = 100;

/**
 * Returns an observer that sets the state `refused` at a refused sign-in upstream, and ends it at the next success. Raises the
 * alerts for accounts that are refused already.
 */
export function trackRefusals(options: AccountStatesOptions): Observer {
  const { accounts, alerts, now, onError } = options;
  /** The account of an event was read before the sign-in, so it may not show the newest refusal. */
  const refused = new Set<string>();
  warnOfAll(options).catch(onError);
  return (event) => {
    if (event.type !== "upstream-sign-in") return;
    const { account: { id, refused: wasRefused }, refusal } = event;
    if (refusal !== undefined) {
      refused.add(id);
      refuse(id, refusal, options).catch(onError);
    } else if (refused.delete(id) || wasRefused) {
      accounts.accept(id, now()).catch(onError);
      alerts.clear("account-refused", id);
    }
  };
}

async function refuse(
  id: string,
  reply: Reply,
  { accounts, alerts, now }: AccountStatesOptions,
): Promise<void> {
  await accounts.refuse(id, refusalReason(reply), now());
  const account = await accounts.get(id);
  if (account) warn(account, alerts);
}

async function warnOfAll({ accounts, alerts }: AccountStatesOptions): Promise<void> {
  for (const account of await accounts.list({ state: "refused", limit: ALERTS_AT_START })) {
    warn(account, alerts);
  }
}

function warn(account: AccountRecord, alerts: AccountStatesOptions["alerts"]): void {
  const explanation = explainState(account);
  if (account.state !== "refused" || !explanation) return;
  const { title, code, remedy, command, fixer } = explanation;
  alerts.raise({
    kind: "account-refused",
    subject: account.id,
    label: account.email,
    accountId: account.id,
    text: `The submission server refuses ${account.email}: ${title} (${code}).`,
    remedy: command === undefined ? remedy : `${remedy} ${command}`,
    fixer,
  });
}

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
