import type { TestMailForm } from "../../../islands/test_mail.tsx";
import { explainState } from "../../../lib/accounts/mod.ts";
import type { Alert, AlertKind } from "../../../lib/alerts/mod.ts";
import { DAY_MS } from "../../../lib/base/mod.ts";
import { explainReason, type Explanation } from "../../../lib/explain/mod.ts";
import { accountKind } from "../../../lib/microsoft/mod.ts";
import type { AccountRecord, AppPassword } from "../../../lib/store/mod.ts";
import type { TokenStatus } from "../../../lib/tokens/mod.ts";
import { type State, userOf } from "../../../lib/web/mod.ts";
import { type Endpoint, endpointsOf } from "../../../lib/guides/mod.ts";
import { AUTHORITY_PATH } from "../../../lib/http/mod.ts";
import type { FormProblem } from "../../(_components)/form_problem.tsx";
import { explainDelay } from "../../(_components)/renewal_delay.ts";
import { testMailForm } from "./test_mail_form.ts";

/** A refresh token dies when it is not used for this long; each renewal starts the time anew. */
const SIGN_IN_LIFETIME_MS = 90 * DAY_MS;

/** The state of the sign-in with Microsoft. */
export interface SignInState {
  /** `refused`: by the submission server. */
  readonly state: TokenStatus["state"] | "refused";
  /** When the refresh token would end without any renewal. */
  readonly expiresAtMs: number;
  readonly accessTokenExpiresAtMs?: number;
  /** The reason why the account cannot send. */
  readonly explanation?: Explanation;
  /** The reason why the last renewal failed, which heals by itself or by somebody else. */
  readonly delay?: Explanation;
  /** The address at which an administrator consents, where that helps: to be copied. */
  readonly consentUrl?: string;
  readonly alerts: readonly Alert[];
  /** The present time. */
  readonly atMs: number;
}

/** The settings for a mail client. */
export interface SmtpData {
  readonly account: AccountRecord;
  readonly host: string;
  /** The recommended one first. */
  readonly endpoints: readonly Endpoint[];
  /** The certificate of the authority that clients have to trust; absent: they know it. */
  readonly authorityPath?: string;
}

/** The data of the account page. */
export interface AccountData extends SmtpData {
  /** Newest first. */
  readonly passwords: readonly AppPassword[];
  readonly signIn: SignInState;
  readonly testMail: TestMailForm;
  readonly problem?: FormProblem;
}

/** Gathers the data of the account page. */
export async function accountData(state: State, problem?: FormProblem): Promise<AccountData> {
  const { account } = userOf(state);
  return {
    ...smtpData(state),
    passwords: (await state.services.store.appPasswords.list(account.id)).toReversed(),
    signIn: signInState(state, account),
    testMail: testMailForm(state),
    problem,
  };
}

/** Returns the settings for a mail client of the signed-in user. */
export function smtpData(state: State): SmtpData {
  const { smtp } = state.services;
  return {
    account: userOf(state).account,
    host: smtp.publicHost,
    endpoints: endpointsOf(smtp),
    authorityPath: smtp.ownAuthority ? state.site.path(AUTHORITY_PATH) : undefined,
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
    delay: explainDelay(services, account),
    consentUrl: account.state === "sign-in-required"
      ? services.signIn.consentUrl({ adminConsent }, {
        clientId: account.clientId,
        redirectUri: site.url("/auth").href,
        tenantId: account.tenantId,
      })
      : undefined,
    atMs: services.clock.now(),
    alerts: services.alerts.forAccount(account.id).filter(({ kind }) =>
      !STATE_ALERTS.includes(kind)
    ),
  };
}
