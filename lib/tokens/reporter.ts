/**
 * Reports on the tokens: log, alerts, metrics.
 *
 * @module
 */
import type { Application } from "../../smtp/mod.ts";
import type { Alerts, NewAlert } from "../alerts/mod.ts";
import { type Clock, errorText, MINUTE_MS } from "../base/mod.ts";
import { SecretError } from "../crypto/mod.ts";
import { explainReason, type Fixer, type SignInExplanation } from "../explain/mod.ts";
import { getLogger } from "../log/mod.ts";
import { accountKind, MicrosoftError } from "../microsoft/mod.ts";
import type { AccountRecord } from "../store/mod.ts";
import { type CircuitBreaker, tenantKey } from "./circuit_breaker.ts";
import { condition, isOld, type TokenTimes } from "./renewal_schedule.ts";

/** The ends that a renewal can have, for the metrics. */
export const RENEWAL_OUTCOMES = [
  "renewed",
  "temporary",
  "refused",
  "sign-in-required",
  "registration",
] as const;

/** One of {@linkcode RENEWAL_OUTCOMES}. */
export type RenewalOutcome = typeof RENEWAL_OUTCOMES[number];

/** Dependencies of {@linkcode TokenReporter}. */
export interface TokenReporterOptions {
  readonly alerts: Alerts;
  readonly clock: Pick<Clock, "now">;
  /** Base address of the identity service. */
  readonly authority: string;
  readonly observe?: (outcome: RenewalOutcome) => void;
  readonly breaker: CircuitBreaker;
}

/** A shorter outage is over before anyone has read about it. */
const OUTAGE_MS = 5 * MINUTE_MS;

/** Subject of alerts about the database. */
const DATABASE = "database";

/** The need of an account whose sign-in is dead. */
const NEEDS: Readonly<Record<Fixer, string>> = {
  "user": "has to sign in with Microsoft again",
  "tenant-admin": "cannot sign in before the administrator of its organisation allows it",
  "operator": "cannot sign in before the app registration is repaired",
  "nobody": "cannot sign in at the moment",
};

const log = getLogger("tokens");

/** Writes to the log, raises and clears alerts, and counts. */
export class TokenReporter {
  readonly #options: TokenReporterOptions;

  constructor(options: TokenReporterOptions) {
    this.#options = options;
  }

  /** New tokens have arrived. */
  renewed(account: AccountRecord): void {
    this.#options.alerts.clear("token-near-end", account.id);
    this.#accepted(account);
    log.debug("tokens renewed", { account: account.id });
  }

  /** A new token of an application has arrived. */
  applicationRenewed(application: Application): void {
    this.#accepted(application);
    log.debug("application token renewed", { ...application });
  }

  /** An application's token was not renewed; the renewal will be repeated. */
  applicationNotRenewed(application: Application, error: unknown): void {
    const isRefusal = error instanceof MicrosoftError && error.failure !== "temporary";
    this.#options.observe?.(isRefusal ? "registration" : "temporary");
    log.info("application token not renewed", { ...application, error: errorText(error) });
    if (isRefusal) this.registrationRefused(application, error);
    else this.#checkOutage(error);
  }

  #accepted(application: Application): void {
    const { alerts, authority, breaker, observe } = this.#options;
    observe?.("renewed");
    alerts.clear("registration-refused", application.clientId);
    alerts.clear("tenant-refused", tenantKey(application));
    if (breaker.outageSinceMs() === undefined) {
      alerts.clear("identity-service-unreachable", authority);
    }
  }

  /**
   * A renewal failed; it will be repeated.
   *
   * @param active Whether the account is in use, so that its access token matters.
   */
  renewalFailed(account: AccountRecord, error: unknown, times: TokenTimes, active: boolean): void {
    const failure = error instanceof MicrosoftError ? error.failure : "temporary";
    const isRegistration = error instanceof MicrosoftError && failure === "registration";
    this.#options.observe?.(isRegistration || failure === "temporary" ? failure : "refused");
    log.info("tokens not renewed", { account: account.id, error: errorText(error) });
    if (isRegistration) this.registrationRefused(account, error);
    else this.#checkOutage(error);
    this.#checkNearEnd(account, error, times, active);
  }

  /** A renewal failed for good. */
  signInRequired(account: AccountRecord, reason: string): void {
    this.#options.observe?.("sign-in-required");
    this.#options.alerts.clear("token-near-end", account.id);
    this.warnOfSignIn(account, reason);
  }

  /** Somebody has signed in, here or by the command line. */
  signedInAgain(accountId: string): void {
    this.#options.alerts.clearAccount(accountId);
  }

  /** Raises the alert; also at the start, for accounts that were waiting before. */
  warnOfSignIn(account: AccountRecord, reason: string | undefined): void {
    const explanation = explainReason(reason, accountKind(account));
    const { remedy, fixer } = explanation;
    const text = `${account.email} ${NEEDS[fixer]}: ${briefly(explanation)}`;
    this.#raiseFor(account, { kind: "sign-in-required", text, remedy, fixer });
  }

  /** The database could not be read or written. The tokens in memory are used all the same. */
  storeFailed(error: unknown): void {
    this.#options.alerts.raise({
      kind: "store-failing",
      subject: DATABASE,
      text: `Tokens could not be read from the database or written to it: ${errorText(error)}`,
      remedy: "Check the disk that holds the database: free space, permissions, health.",
      fixer: "operator",
    });
  }

  /** The database works. */
  stored(): void {
    this.#options.alerts.clear("store-failing", DATABASE);
  }

  /** An error that nothing expected. It must not end the program. */
  unexpected(error: unknown): void {
    log.error("the renewal of tokens failed unexpectedly", { error: errorText(error) });
  }

  /** Stored tokens could not be read or opened. */
  unreadable(error: unknown): void {
    if (!(error instanceof SecretError)) return this.storeFailed(error);
    this.#options.alerts.raise({
      kind: "secret-unknown",
      subject: "SESSION_SECRET",
      text: `Stored tokens cannot be opened: ${error.message}`,
      remedy: "Put the former secret back into SESSION_SECRET, after the new one, and restart.",
      fixer: "operator",
    });
  }

  /** An app registration does not work, for all its accounts or for one organisation, or is not configured. */
  registrationRefused(application: Application, { explanation }: MicrosoftError): void {
    const { clientId, tenantId } = application;
    const { remedy, fixer, reach } = explanation;
    const isTenant = reach === "tenant";
    const where = isTenant ? ` for the organisation ${tenantId}` : "";
    const label = `app registration ${clientId}`;
    this.#options.alerts.raise({
      kind: isTenant ? "tenant-refused" : "registration-refused",
      subject: isTenant ? tenantKey(application) : clientId,
      label: label + where,
      text: `The ${label} does not work${where}: ${briefly(explanation)}`,
      remedy,
      fixer,
    });
  }

  #checkOutage(error: unknown): void {
    const { alerts, clock, breaker, authority } = this.#options;
    const sinceMs = breaker.outageSinceMs();
    if (sinceMs === undefined || clock.now() - sinceMs < OUTAGE_MS) return;
    const since = new Date(sinceMs).toISOString();
    alerts.raise({
      kind: "identity-service-unreachable",
      subject: authority,
      text: `${authority} has not answered as it should since ${since}: ${errorText(error)}`,
      remedy: "Check this machine's network, DNS and firewall; else wait for Microsoft.",
      fixer: "operator",
    });
  }

  #checkNearEnd(account: AccountRecord, error: unknown, times: TokenTimes, active: boolean): void {
    const nowMs = this.#options.clock.now();
    // A failure for many accounts has an alert of its own; one for each account would drown it.
    const alone = !this.#options.breaker.isFailing(account);
    const ending = alone && active && condition(times, nowMs) !== "fresh";
    if (!ending && !isOld(account.refreshedAtMs, nowMs)) return;
    const since = new Date(account.refreshedAtMs).toISOString();
    const text = `The sign-in of ${account.email} could not be renewed since ${since}; ` +
      "without a renewal it cannot send.";
    if (!alone || !(error instanceof MicrosoftError)) {
      const remedy = "Look at the other alerts and at the log: the cause is there.";
      return this.#raiseFor(account, { kind: "token-near-end", text, remedy, fixer: "operator" });
    }
    const { explanation } = error;
    const { remedy, fixer } = explanation;
    const because = `${text} ${briefly(explanation)}`;
    this.#raiseFor(account, { kind: "token-near-end", text: because, remedy, fixer });
  }

  #raiseFor(
    { id, email }: AccountRecord,
    alert: Pick<NewAlert, "kind" | "text" | "remedy" | "fixer">,
  ): void {
    this.#options.alerts.raise({ ...alert, subject: id, label: email, accountId: id });
  }
}

/** The error in a sentence, with Microsoft's own words after it. */
function briefly({ title, code, known, cause, detail }: SignInExplanation): string {
  const quoted = known ? detail : cause;
  return `${title} (${code}).${quoted ? ` Microsoft says: ${quoted}` : ""}`;
}
