/**
 * Alerts: problems that stop mail, or soon will. Each is reported once, in the log, on the admin page and by webhook.
 *
 * @module
 */
import type { Clock, Secret } from "../base/mod.ts";
import type { Fixer } from "../explain/mod.ts";
import { getLogger } from "../log/mod.ts";
import { Webhook } from "./webhook.ts";

/** The kind of problem. */
export type AlertKind =
  /** The owner of an account has to sign in again. */
  | "sign-in-required"
  /** The submission server refuses an account: SMTP AUTH is switched off, for example. */
  | "account-refused"
  /** Microsoft refuses an app registration, its client secret for example, or it is not configured any more. */
  | "registration-refused"
  /** The same for one organisation alone: an administrator has removed or disabled the app there, for example. */
  | "tenant-refused"
  /** The secret or the certificate of an app registration has ended, or will soon. */
  | "registration-ending"
  /** A token nears its end, and could not be renewed. */
  | "token-near-end"
  | "identity-service-unreachable"
  /** The submission server shows a certificate that cannot be trusted. */
  | "upstream-certificate"
  | "store-failing"
  /** Stored secrets do not open with `SESSION_SECRET`. */
  | "secret-unknown"
  /** The files of a certificate of ours were changed, and the new ones cannot be used. */
  | "certificate-unusable"
  /** A certificate of ours has ended, or will soon. */
  | "certificate-ending"
  /** A certificate could not be renewed; the former one is still good. */
  | "certificate-not-renewed"
  /** There is no certificate that clients trust, and none could be had. */
  | "certificate-missing"
  /** The files of the account filters were changed, and the new ones cannot be used. */
  | "filters-unusable";

/** A problem that lasts. Its texts hold no secrets. */
export interface Alert {
  readonly kind: AlertKind;
  /** The account's id, the registration's id or the host name concerned. With the kind, the key of the alert. */
  readonly subject: string;
  /** The subject for people: a mailbox, a host name. */
  readonly label: string;
  /** The account concerned, if it is only one. */
  readonly accountId?: string;
  /** The event in a sentence, with its code. */
  readonly text: string;
  readonly remedy: string;
  readonly fixer: Fixer;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly lastSeenMs: number;
  /** The number of times that it was raised. */
  readonly count: number;
}

/** An alert as its finder raises it. Default of `label`: the subject. */
export type NewAlert =
  & Pick<Alert, "kind" | "subject" | "text" | "remedy" | "fixer" | "accountId">
  & Partial<Pick<Alert, "label">>;

/** Dependencies of {@linkcode Alerts}. */
export interface AlertsOptions {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** `ALERT_WEBHOOK_URL`. Absent: none. */
  readonly webhookUrl?: Secret;
  /** Absent: this process is the only one. */
  readonly registry?: AlertRegistry;
}

/** The alerts that stand on any replica, so that each is sent once. */
export interface AlertRegistry {
  /** Notes an alert of this replica. Returns whether no other replica has it. @param alert Its kind and subject. */
  raise(alert: string): Promise<boolean>;
  /** Removes an alert of this replica. Returns whether no other replica has it. */
  clear(alert: string): Promise<boolean>;
}

/** Kinds that only warn. The others stop mail now. */
const FOREWARNINGS: readonly AlertKind[] = [
  "token-near-end",
  "identity-service-unreachable",
  "certificate-unusable",
  "certificate-ending",
  "registration-ending",
  "certificate-not-renewed",
  "filters-unusable",
];

const log = getLogger("alerts");

/** The alerts that stand. */
export class Alerts {
  readonly #clock: Clock;
  readonly #webhook: Webhook | undefined;
  readonly #registry: AlertRegistry | undefined;
  readonly #standing = new Map<string, Alert>();

  constructor({ clock, fetch, webhookUrl, registry }: AlertsOptions) {
    this.#registry = registry;
    this.#clock = clock;
    this.#webhook = webhookUrl && new Webhook({ clock, fetch, url: webhookUrl });
  }

  /** Raises an alert. One that stands already is only counted. */
  raise(raised: NewAlert): void {
    const key = keyOf(raised);
    const nowMs = this.#clock.now();
    const { sinceMs = nowMs, count = 0 } = this.#standing.get(key) ?? {};
    const { label = raised.subject } = raised;
    const alert = { ...raised, label, sinceMs, lastSeenMs: nowMs, count: count + 1 };
    this.#standing.set(key, alert);
    if (count > 0) return;
    const { kind, subject, text, remedy } = alert;
    log[FOREWARNINGS.includes(kind) ? "warning" : "error"](text, { kind, subject, remedy });
    void this.#tell("raised", alert);
  }

  /** Ends an alert: the problem is solved. */
  clear(kind: AlertKind, subject: string): void {
    const key = keyOf({ kind, subject });
    const alert = this.#standing.get(key);
    if (!alert) return;
    this.#standing.delete(key);
    log.info("alert cleared", { kind, subject });
    void this.#tell("cleared", alert);
  }

  /** Ends all alerts about one account that was deleted or has signed in. */
  clearAccount(accountId: string): void {
    for (const { kind, subject } of this.forAccount(accountId)) this.clear(kind, subject);
  }

  /** Returns the alerts that stand, oldest first. */
  current(): readonly Alert[] {
    return [...this.#standing.values()].sort((one, other) => one.sinceMs - other.sinceMs);
  }

  /** Returns the alerts about one account, for its owner's page. */
  forAccount(accountId: string): readonly Alert[] {
    return this.current().filter((alert) => alert.accountId === accountId);
  }

  /** Gives up all messages that the webhook has not accepted yet. */
  stop(): void {
    this.#webhook?.stop();
  }

  /** Sends a message, unless another replica does. While the database is away, each replica sends its own. */
  async #tell(event: "raised" | "cleared", alert: Alert): Promise<void> {
    if (!this.#webhook) return;
    if (this.#registry) {
      const change = event === "raised" ? "raise" : "clear";
      if (!await this.#registry[change](keyOf(alert)).catch(() => true)) return;
    }
    const { kind, label: subject, text, remedy, fixer } = alert;
    const at = new Date(this.#clock.now()).toISOString();
    this.#webhook.send({ event, at, kind, subject, text, remedy, fixer });
  }
}

function keyOf({ kind, subject }: Pick<Alert, "kind" | "subject">): string {
  return `${kind} ${subject}`;
}
