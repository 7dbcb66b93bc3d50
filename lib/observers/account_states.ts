/**
 * The accounts that the submission server refuses: their state in the database, and an alert for each.
 *
 * @module
 */
import type { Account, Observer, Reply } from "../../smtp/mod.ts";
import type { Alerts } from "../alerts/mod.ts";
import { explainSmtpReply } from "../explain/mod.ts";
import type { AccountStore } from "../store/mod.ts";

/** The dependencies of {@linkcode trackRefusals}. */
export interface AccountStatesOptions {
  readonly accounts: Pick<AccountStore, "refuse" | "accept">;
  readonly alerts: Pick<Alerts, "raise" | "clear">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Called when a state can't be stored. */
  readonly onError: (error: unknown) => void;
}

/** A reply has up to 512 octets a line; its beginning says why. */
const REASON_LENGTH = 300;

/** Returns an observer that sets the state `refused` at a refused sign-in upstream, and ends it at the next success. */
export function trackRefusals({ accounts, alerts, now, onError }: AccountStatesOptions): Observer {
  /** An account is looked up before its sign-in, so it may not know its newest refusal. */
  const refused = new Set<string>();
  return (event) => {
    if (event.type !== "upstream-sign-in") return;
    const { account, refusal } = event;
    if (refusal !== undefined) {
      refused.add(account.id);
      accounts.refuse(account.id, reasonOf(refusal), now()).catch(onError);
      alerts.raise({ kind: "account-refused", ...warning(account, refusal) });
    } else if (refused.delete(account.id) || account.refused) {
      accounts.accept(account.id, now()).catch(onError);
      alerts.clear("account-refused", account.id);
    }
  };
}

/** Leaves out the server's name and the time in brackets, which differ each time. */
function reasonOf(reply: Reply): string {
  return String(reply).replace(/ *\[[^[\]]*\]/g, "").slice(0, REASON_LENGTH);
}

function warning({ id, mailbox }: Account, reply: Reply) {
  const reason = reasonOf(reply);
  const explanation = explainSmtpReply(reply.code, reason.slice(4), mailbox)!;
  const { title, code, remedy, command, fixer } = explanation;
  return {
    subject: id,
    label: mailbox,
    accountId: id,
    text: `The submission server refuses ${mailbox}: ${title} (${code}).`,
    remedy: command === undefined ? remedy : `${remedy} ${command}`,
    fixer,
  };
}
