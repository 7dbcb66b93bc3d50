/**
 * Warns of secrets and certificates of app registrations that end: after that, no mail is sent.
 *
 * @module
 */
import type { Alerts } from "../alerts/mod.ts";
import { type Clock, HOUR_MS, type Timer } from "../base/mod.ts";
import { endOf, type Microsoft, type RegistrationStatus } from "../microsoft/mod.ts";

/** Dependencies of {@linkcode RegistrationWatch}. */
export interface RegistrationWatchOptions {
  readonly microsoft: Pick<Microsoft, "registrations">;
  readonly alerts: Pick<Alerts, "raise" | "clear">;
  readonly clock: Clock;
}

const INTERVAL_MS = HOUR_MS;
/** Each has an alert of its own, so that the webhook speaks again when the end comes near. */
const STAGES = ["near", "soon", "past"] as const;

/** Looks at the app registrations now and once an hour. */
export class RegistrationWatch {
  readonly #options: RegistrationWatchOptions;
  #timer: Timer | undefined;

  constructor(options: RegistrationWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { microsoft, clock } = this.#options;
    for (const registration of microsoft.registrations()) this.#look(registration);
    this.#timer = clock.setTimer(INTERVAL_MS, () => this.start());
  }

  stop(): void {
    this.#timer?.cancel();
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
