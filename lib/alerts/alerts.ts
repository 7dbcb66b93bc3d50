/**
 * Early warnings: what stops mail, or will soon, said once and where it is seen: in the log, on the page, by a webhook.
 *
 * @module
 */
import { AlertWebhook } from "./webhook.ts";
import type { Clock, Secret } from "../base/mod.ts";
import type { Fixer } from "../explain/mod.ts";
import { getLogger } from "../log/mod.ts";

/** What is wrong. */
export type AlertKind =
  /** The owner of an account has to sign in again. */
  | "sign-in-required"
  /** Microsoft refuses an app registration, its client secret for example, or it is not configured any more. */
  | "registration-refused"
  /** A token nears its end, and could not be renewed. */
  | "token-near-end"
  | "identity-service-unreachable"
  /** The submission server shows a certificate that does not hold. */
  | "upstream-certificate"
  | "store-failing"
  /** Stored secrets do not open with `SESSION_SECRET`. */
  | "secret-unknown"
  /** The files of a certificate of ours were changed, and the new ones cannot be used. */
  | "certificate-unusable"
  /** A certificate of ours has ended, or will soon. */
  | "certificate-ending"
  /** The files of the account filters were changed, and the new ones cannot be used. */
  | "filters-unusable";

/** A warning to raise. Texts hold no secrets. */
export interface Warning {
  readonly kind: AlertKind;
  /** What it is about: an account's id, a registration's id, a host name. With the kind, the key of the alert. */
  readonly subject: string;
  /** The subject for people: a mailbox, a host name. Default: the subject. */
  readonly label?: string;
  /** The account that it concerns, if it is only one. */
  readonly accountId?: string;
  /** What happened, with its code, in a sentence. */
  readonly text: string;
  readonly remedy: string;
  readonly fixer: Fixer;
}

/** A warning that stands. */
export interface Alert extends Warning {
  readonly label: string;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly lastSeenMs: number;
  /** How often it was raised. */
  readonly count: number;
}

/** What {@linkcode Alerts} needs. */
export interface AlertsOptions {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** `ALERT_WEBHOOK_URL`. Absent: none. */
  readonly webhookUrl?: Secret;
}

/** Kinds that only warn of what may come. The others stop mail now. */
const FORWARNINGS: readonly AlertKind[] = [
  "token-near-end",
  "identity-service-unreachable",
  "certificate-unusable",
  "certificate-ending",
  "filters-unusable",
];

const log = getLogger("alerts");

/** The warnings that stand. */
export class Alerts {
  readonly #clock: Clock;
  readonly #webhook: AlertWebhook | undefined;
  readonly #standing = new Map<string, Alert>();

  constructor({ clock, fetch, webhookUrl }: AlertsOptions) {
    this.#clock = clock;
    this.#webhook = webhookUrl && new AlertWebhook({ clock, fetch, url: webhookUrl });
  }

  /** Raises a warning. One that stands already is only counted. */
  raise(warning: Warning): void {
    const key = keyOf(warning);
    const nowMs = this.#clock.now();
    const former = this.#standing.get(key);
    const { sinceMs, count } = former ?? { sinceMs: nowMs, count: 0 };
    const label = warning.label ?? warning.subject;
    const alert = { ...warning, label, sinceMs, lastSeenMs: nowMs, count: count + 1 };
    this.#standing.set(key, alert);
    if (!former) this.#announce(alert);
  }

  /** The trouble is over. */
  clear(kind: AlertKind, subject: string): void {
    const key = keyOf({ kind, subject });
    const alert = this.#standing.get(key);
    if (!alert) return;
    this.#standing.delete(key);
    log.info("alert is over", { kind, subject });
    this.#webhook?.send("cleared", alert, this.#clock.now());
  }

  /** Drops the warnings about one account, for it was deleted or has signed in. */
  clearAccount(accountId: string): void {
    for (const { kind, subject } of this.forAccount(accountId)) this.clear(kind, subject);
  }

  /** The warnings that stand, oldest first. */
  current(): readonly Alert[] {
    return [...this.#standing.values()].sort((one, other) => one.sinceMs - other.sinceMs);
  }

  /** Those about one account, for its owner's page. */
  forAccount(accountId: string): readonly Alert[] {
    return this.current().filter((alert) => alert.accountId === accountId);
  }

  /** Gives up what the webhook has not taken yet. */
  stop(): void {
    this.#webhook?.stop();
  }

  #announce(alert: Alert): void {
    const { kind, subject, text, remedy } = alert;
    const level = FORWARNINGS.includes(kind) ? "warning" : "error";
    log[level](text, { kind, subject, remedy });
    this.#webhook?.send("raised", alert, alert.sinceMs);
  }
}

function keyOf({ kind, subject }: Pick<Warning, "kind" | "subject">): string {
  return `${kind} ${subject}`;
}
