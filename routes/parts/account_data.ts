import type { CreatedAppPassword } from "../../lib/accounts/mod.ts";
import type { Alert } from "../../lib/alerts/mod.ts";
import { DAY_MS } from "../../lib/base/mod.ts";
import { explainReason, type SignInExplanation } from "../../lib/explain/mod.ts";
import type { AccountRecord, AppPassword } from "../../lib/store/mod.ts";
import type { TokenStatus } from "../../lib/tokens/mod.ts";
import { userOf } from "../../lib/web/session.ts";
import { type Endpoint, endpointsOf, swaksCommand } from "../../lib/web/smtp_settings.ts";
import type { State } from "../../lib/web/state.ts";

/** A refresh token dies when it is not used for this long; each renewal starts the time anew. */
const SIGN_IN_LIFETIME_MS = 90 * DAY_MS;

/** Where a form is on the account page, and why it was not accepted. */
export interface FormProblem {
  readonly form: "app-password" | "rename" | "short-name";
  readonly text: string;
  /** What was entered, by field, to be corrected. */
  readonly entered: URLSearchParams;
}

/** How the sign-in with Microsoft is doing. */
export interface SignInState {
  readonly state: TokenStatus["state"];
  /** When the refresh token would end without any renewal. */
  readonly expiresAtMs: number;
  readonly accessTokenExpiresAtMs?: number;
  /** Why a new sign-in is needed. */
  readonly explanation?: SignInExplanation;
  readonly alerts: readonly Alert[];
}

/** What to enter in a mail client. */
export interface SmtpData {
  readonly account: AccountRecord;
  readonly host: string;
  /** The recommended one first. */
  readonly endpoints: readonly Endpoint[];
}

/** What the account page shows. */
export interface AccountData extends SmtpData {
  readonly passwords: readonly AppPassword[];
  readonly signIn: SignInState;
  readonly problem?: FormProblem;
}

/** Gathers what the account page shows. */
export async function accountData(state: State, problem?: FormProblem): Promise<AccountData> {
  const { account } = userOf(state);
  return {
    ...smtpData(state),
    passwords: await state.services.store.appPasswords.list(account.id),
    signIn: signInState(state, account),
    problem,
  };
}

/** Gathers what goes into a mail client of whoever is signed in. */
export function smtpData(state: State): SmtpData {
  const { smtp } = state.services;
  return {
    account: userOf(state).account,
    host: smtp.publicHost,
    endpoints: endpointsOf(smtp),
  };
}

/** How an account's sign-in is doing. */
export function signInState({ services }: State, account: AccountRecord): SignInState {
  const status = services.tokens.status(account.id);
  const isRefused = account.state === "sign-in-required";
  return {
    state: isRefused ? "sign-in-required" : status?.state ?? "ok",
    expiresAtMs: account.refreshedAtMs + SIGN_IN_LIFETIME_MS,
    accessTokenExpiresAtMs: status?.accessTokenExpiresAtMs,
    explanation: isRefused ? explainReason(account.stateReason) : undefined,
    alerts: services.alerts.forAccount(account.id).filter(({ kind }) =>
      kind !== "sign-in-required"
    ),
  };
}

/** What the page with a new app password shows. */
export interface NewPasswordData extends SmtpData {
  readonly name: string;
  readonly password: string;
  /** A command line that sends a test mail with it; absent when no port is open. */
  readonly swaks?: string;
}

/** Gathers what the page with a new app password shows. */
export function newPasswordData(state: State, created: CreatedAppPassword): NewPasswordData {
  const data = smtpData(state);
  const { account: { email }, host, endpoints: [endpoint] } = data;
  const { appPassword, password } = created;
  const mail = { host, username: email, password, sender: email, recipient: email };
  return {
    ...data,
    name: appPassword.name,
    password,
    swaks: endpoint && swaksCommand({ ...mail, endpoint }),
  };
}
