import { type CreatedAppPassword, explainState } from "../../../lib/accounts/mod.ts";
import type { Alert, AlertKind } from "../../../lib/alerts/mod.ts";
import { DAY_MS } from "../../../lib/base/mod.ts";
import { explainReason, type Explanation } from "../../../lib/explain/mod.ts";
import { accountKind } from "../../../lib/microsoft/mod.ts";
import type { AccountRecord, AppPassword } from "../../../lib/store/mod.ts";
import type { TokenStatus } from "../../../lib/tokens/mod.ts";
import { type State, userOf } from "../../../lib/web/mod.ts";
import { type Endpoint, endpointsOf, swaksCommand } from "../../../lib/guides/mod.ts";

/** A refresh token dies when it is not used for this long; each renewal starts the time anew. */
const SIGN_IN_LIFETIME_MS = 90 * DAY_MS;

/** Where a form is on the account page, and why it was not accepted. */
export interface FormProblem {
  readonly form: "app-password" | "rename" | "short-name";
  readonly text: string;
  /** The entered values, by field, to be corrected. */
  readonly entered: URLSearchParams;
}

/** The state of the sign-in with Microsoft. */
export interface SignInState {
  /** `refused`: by the submission server. */
  readonly state: TokenStatus["state"] | "refused";
  /** When the refresh token would end without any renewal. */
  readonly expiresAtMs: number;
  readonly accessTokenExpiresAtMs?: number;
  /** The reason why the account cannot send. */
  readonly explanation?: Explanation;
  /** The address at which an administrator consents, where that helps: to be copied. */
  readonly consentUrl?: string;
  readonly alerts: readonly Alert[];
}

/** The settings for a mail client. */
export interface SmtpData {
  readonly account: AccountRecord;
  readonly host: string;
  /** The recommended one first. */
  readonly endpoints: readonly Endpoint[];
  /** Whether clients have to be told to trust the authority of the certificate. */
  readonly ownAuthority: boolean;
}

/** The data of the account page. */
export interface AccountData extends SmtpData {
  readonly passwords: readonly AppPassword[];
  readonly signIn: SignInState;
  readonly problem?: FormProblem;
}

/** Gathers the data of the account page. */
export async function accountData(state: State, problem?: FormProblem): Promise<AccountData> {
  const { account } = userOf(state);
  return {
    ...smtpData(state),
    passwords: await state.services.store.appPasswords.list(account.id),
    signIn: signInState(state, account),
    problem,
  };
}

/** Returns the settings for a mail client of the signed-in user. */
function smtpData(state: State): SmtpData {
  const { smtp } = state.services;
  return {
    account: userOf(state).account,
    host: smtp.publicHost,
    endpoints: endpointsOf(smtp),
    ownAuthority: smtp.ownAuthority === true,
  };
}

/** Alerts that say again what the state says. */
const STATE_ALERTS: readonly AlertKind[] = ["sign-in-required", "account-refused"];

/** Returns the state of an account's sign-in. */
function signInState({ services, site }: State, account: AccountRecord): SignInState {
  const status = services.tokens.status(account.id);
  const kind = accountKind(account);
  const { adminConsent } = explainReason(account.stateReason, kind);
  return {
    state: account.state === "active" ? status?.state ?? "ok" : account.state,
    expiresAtMs: account.refreshedAtMs + SIGN_IN_LIFETIME_MS,
    accessTokenExpiresAtMs: status?.accessTokenExpiresAtMs,
    explanation: explainState(account),
    consentUrl: account.state === "sign-in-required"
      ? services.signIn.consentUrl({ adminConsent }, {
        clientId: account.clientId,
        redirectUri: site.url("/auth").href,
        tenantId: account.tenantId,
      })
      : undefined,
    alerts: services.alerts.forAccount(account.id).filter(({ kind }) =>
      !STATE_ALERTS.includes(kind)
    ),
  };
}

/** The data of the page with a new app password. */
export interface NewPasswordData extends SmtpData {
  readonly name: string;
  readonly password: string;
  /** A command line that sends a test mail with it; absent when no port is open. */
  readonly swaks?: string;
}

/** Gathers the data of the page with a new app password. */
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
