import type { CreatedAppPassword } from "../../lib/accounts.ts";
import type { AccountRecord, AppPassword } from "../../lib/store/store.ts";
import { userOf } from "../../lib/web/session.ts";
import { type Endpoint, endpointsOf, swaksCommand } from "../../lib/web/smtp_settings.ts";
import type { State } from "../../lib/web/state.ts";

/** An app password that has just been made. */
export interface NewPassword {
  readonly name: string;
  readonly password: string;
  /** A command line that sends a test mail with it; absent when no port is open. */
  readonly swaks?: string;
}

/** What the last form on the page has led to. */
export interface FormResult {
  readonly created?: CreatedAppPassword;
  /** Why it was not accepted. */
  readonly problem?: string;
}

/** What the account page shows. */
export interface AccountData {
  readonly account: AccountRecord;
  readonly host: string;
  readonly endpoints: readonly Endpoint[];
  readonly passwords: readonly AppPassword[];
  readonly created?: NewPassword;
  readonly problem?: string;
}

/** Gathers what the account page shows. */
export async function accountData(
  state: State,
  { created, problem }: FormResult = {},
): Promise<AccountData> {
  const { services } = state;
  const { account } = userOf(state);
  const data = {
    account,
    host: services.smtp.publicHost,
    endpoints: endpointsOf(services.smtp),
    passwords: await services.store.appPasswords.list(account.id),
    problem,
  };
  return created ? { ...data, created: newPassword(data, created) } : data;
}

function newPassword(
  { account, host, endpoints: [endpoint] }: AccountData,
  { appPassword, password }: CreatedAppPassword,
): NewPassword {
  const mail = { host, username: account.email, password, mailbox: account.email };
  return {
    name: appPassword.name,
    password,
    swaks: endpoint && swaksCommand({ ...mail, endpoint }),
  };
}
