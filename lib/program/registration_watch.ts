/**
 * Warns before secrets and certificates of app registrations expire: after that, no mail is sent.
 *
 * @module
 */
import type { Alerts } from "../alerts/mod.ts";
import { type Clock, errorText, HOUR_MS, type Timer } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";
import { endOf, type RegistrationStatus } from "../microsoft/mod.ts";
import type { Registrations } from "./registrations.ts";

/** Dependencies of {@linkcode RegistrationWatch}. */
interface RegistrationWatchOptions {
  readonly registrations: Pick<Registrations, "list" | "onEntered">;
  readonly alerts: Pick<Alerts, "raise" | "clear">;
  readonly clock: Clock;
}

const INTERVAL_MS = HOUR_MS;
/** Each stage has an alert of its own, so that the webhook is called again when the end comes closer. */
const STAGES = ["near", "soon", "past"] as const;

const log = getLogger("registrations");

/** Looks at the app registrations now, once an hour, and when somebody enters the end of a secret. */
export class RegistrationWatch {
  readonly #options: RegistrationWatchOptions;
  #timer: Timer | undefined;
  #unsubscribe = () => {};

  constructor(options: RegistrationWatchOptions) {
    this.#options = options;
  }

  /** Resolves after the first look; never rejects. */
  async start(): Promise<void> {
    this.#unsubscribe = this.#options.registrations.onEntered(() => void this.#lookAtAll());
    await this.#lookHourly();
  }

  stop(): void {
    this.#unsubscribe();
    this.#timer?.cancel();
  }

  async #lookHourly(): Promise<void> {
    this.#timer = this.#options.clock.setTimer(INTERVAL_MS, () => void this.#lookHourly());
    await this.#lookAtAll();
  }

  async #lookAtAll(): Promise<void> {
    try {
      for (const one of await this.#options.registrations.list()) this.#look(one);
    } catch (error) {
      log.warning("the ends of secrets are not known, next try within an hour", {
        error: errorText(error),
      });
    }
  }

  #look(registration: RegistrationStatus): void {
    const { alerts, clock } = this.#options;
    const { clientId, problem } = registration;
    const end = endOf(registration, clock.now());
    for (const stage of STAGES) {
      if (stage !== end?.stage) alerts.clear("registration-ending", `${clientId} ${stage}`);
    }
    if (end) {
      alerts.raise({
        kind: "registration-ending",
        subject: `${clientId} ${end.stage}`,
        label: `app registration ${clientId}`,
        text: `${end.message[0]!.toUpperCase()}${end.message.slice(1)}.`,
        remedy: end.remedy,
        fixer: "operator",
      });
    }
    if (!problem) return;
    const { title, cause, remedy, fixer } = problem.explanation;
    const label = `app registration ${clientId}`;
    const text = `${title}: ${cause}`;
    alerts.raise({ kind: "registration-refused", subject: clientId, label, text, remedy, fixer });
  }
}
