/**
 * Tells people how the tokens are doing: log, alerts, metrics.
 *
 * @module
 */
import type { Alerts } from "../alerts/mod.ts";
import { type Clock, errorText, MINUTE_MS } from "../base/mod.ts";
import { explainReason } from "../explain/mod.ts";
import { getLogger } from "../log/mod.ts";
import { MicrosoftError } from "../microsoft/mod.ts";
import { SecretError } from "../crypto/mod.ts";
import type { AccountRecord } from "../store/mod.ts";
import type { Gate } from "./gate.ts";
import { condition, isOld, type TokenTimes } from "./timing.ts";

/** How a renewal ended, for the metrics. */
export type RenewalOutcome = "renewed" | "temporary" | "sign-in-required" | "registration";

/** What a {@linkcode TokenReporter} needs. */
export interface TokenReporterOptions {
  readonly alerts: Alerts;
  readonly clock: Pick<Clock, "now">;
  /** Base address of the identity service. */
  readonly authority: string;
  readonly observe?: (outcome: RenewalOutcome) => void;
  gate(clientId: string): Gate;
}

/** An outage shorter than this heals before anyone has read about it. */
const OUTAGE_MS = 5 * MINUTE_MS;

/** Subject of warnings about the database. */
const DATABASE = "database";

const log = getLogger("tokens");

/** Writes to the log, raises and clears warnings, and counts. */
export class TokenReporter {
  readonly #options: TokenReporterOptions;

  constructor(options: TokenReporterOptions) {
    this.#options = options;
  }

  /** New tokens have arrived. */
  renewed(account: AccountRecord): void {
    const { alerts, authority, observe } = this.#options;
    observe?.("renewed");
    alerts.clear("registration-refused", account.clientId);
    alerts.clear("identity-service-unreachable", authority);
    alerts.clear("token-near-end", account.id);
    log.debug("tokens renewed", { account: account.id });
  }

  /**
   * A renewal failed, and is going to be repeated.
   *
   * @param active Whether the account is in use, so that its access token matters.
   */
  renewalFailed(account: AccountRecord, error: unknown, times: TokenTimes, active: boolean): void {
    const { observe } = this.#options;
    const registration = error instanceof MicrosoftError && error.failure === "registration";
    observe?.(registration ? "registration" : "temporary");
    log.info("tokens not renewed", { account: account.id, error: errorText(error) });
    if (registration) this.registrationRefused(account.clientId, error);
    else this.#checkOutage(account);
    this.#checkNearEnd(account, times, active);
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

  /** Also at the start, for accounts that waited already. */
  warnOfSignIn(account: AccountRecord, reason: string | undefined): void {
    const { title, code, remedy, fixer } = explainReason(reason);
    this.#options.alerts.raise({
      kind: "sign-in-required",
      subject: account.id,
      label: account.email,
      accountId: account.id,
      text: `${account.email} has to sign in with Microsoft again: ${title} (${code}).`,
      remedy,
      fixer,
    });
  }

  /** The database could not be read or written. What is in memory is used all the same. */
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

  /** A fault of this program: it must not end it. */
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

  /** An app registration does not work, or is not configured. */
  registrationRefused(clientId: string, error: MicrosoftError): void {
    const { title, code, remedy } = error.explanation;
    this.#options.alerts.raise({
      kind: "registration-refused",
      subject: clientId,
      label: `app registration ${clientId}`,
      text: `The app registration ${clientId} does not work: ${title} (${code}).`,
      remedy,
      fixer: "operator",
    });
  }

  #checkOutage({ clientId }: AccountRecord): void {
    const { alerts, clock, gate, authority } = this.#options;
    const sinceMs = gate(clientId).failingSinceMs;
    if (sinceMs === undefined || clock.now() - sinceMs < OUTAGE_MS) return;
    alerts.raise({
      kind: "identity-service-unreachable",
      subject: authority,
      text: `${authority} has not answered as it should since ${new Date(sinceMs).toISOString()}.`,
      remedy: "Check this machine's network, DNS and firewall; else wait for Microsoft.",
      fixer: "operator",
    });
  }

  #checkNearEnd(account: AccountRecord, times: TokenTimes, active: boolean): void {
    const nowMs = this.#options.clock.now();
    // What fails for every account has a warning of its own; one for each account would drown it.
    const alone = this.#options.gate(account.clientId).failingSinceMs === undefined;
    const ending = alone && active && condition(times, nowMs) !== "fresh";
    if (!ending && !isOld(account.refreshedAtMs, nowMs)) return;
    this.#options.alerts.raise({
      kind: "token-near-end",
      subject: account.id,
      label: account.email,
      accountId: account.id,
      text: `The sign-in of ${account.email} could not be renewed since ` +
        `${new Date(account.refreshedAtMs).toISOString()}; without a renewal it cannot send.`,
      remedy: "Look at the other warnings and at the log: the cause is there.",
      fixer: "operator",
    });
  }
}
