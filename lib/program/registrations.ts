/**
 * The app registrations with the ends of their secrets and certificates, which come from the settings, from certificate files,
 * and from administrators.
 *
 * @module
 */
import { InputError } from "../accounts/mod.ts";
import { parseDay } from "../config/mod.ts";
import type { Microsoft, RegistrationStatus } from "../microsoft/mod.ts";
import type { SecretEndStore } from "../store/mod.ts";

/** An app registration, and the source of the end of its secret. */
export interface KnownRegistration extends RegistrationStatus {
  /** Whether an administrator has entered the end. Otherwise it comes from the settings, or from a certificate. */
  readonly isEndEntered: boolean;
}

/** Dependencies of {@linkcode Registrations}. */
interface RegistrationsOptions {
  readonly microsoft: Pick<Microsoft, "registrations">;
  readonly secretEnds: SecretEndStore;
}

/** Lists the app registrations, and takes the ends of their secrets. */
export class Registrations {
  readonly #options: RegistrationsOptions;
  readonly #listeners = new Set<() => void>();

  constructor(options: RegistrationsOptions) {
    this.#options = options;
  }

  /** Returns all registrations, in the order of the settings. An end in the settings wins. @throws {StoreError} */
  async list(): Promise<readonly KnownRegistration[]> {
    const { microsoft, secretEnds } = this.#options;
    const entered = new Map(
      (await secretEnds.list()).map(({ clientId, endsAtMs }) => [clientId, endsAtMs]),
    );
    return microsoft.registrations().map((registration) => {
      const endsAtMs = takesEnd(registration) ? entered.get(registration.clientId) : undefined;
      if (endsAtMs === undefined) return { ...registration, isEndEntered: false };
      return { ...registration, endsAtMs, isEndEntered: true };
    });
  }

  /**
   * Enters the end of a secret.
   *
   * @param day As `2028-11-30`: the secret ends when that day begins in UTC, to be on the safe side.
   * @throws {InputError} also where no end is to be entered: of a certificate, or one that the settings give.
   */
  async enterEnd(clientId: string, day: string): Promise<void> {
    const { microsoft, secretEnds } = this.#options;
    const found = microsoft.registrations().find((one) => one.clientId === clientId);
    if (!found || !takesEnd(found)) throw new InputError("secret-end", NOT_TAKEN);
    const endsAtMs = parseDay(day.trim());
    if (endsAtMs === undefined) throw new InputError("secret-end", NO_DAY);
    await secretEnds.set({ clientId, endsAtMs });
    this.#listeners.forEach((listener) => listener());
  }

  /** Adds a listener for ends that are entered here. Returns the function that removes it. */
  onEntered(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const NOT_TAKEN =
  "The end can be entered for a registration in APP_SECRETS that APP_SECRET_EXPIRES does not name. The end of a certificate " +
  "is read from its file.";
const NO_DAY =
  "Write the end as year-month-day, for example 2028-11-30, as the Microsoft Entra admin center shows it.";

function takesEnd({ authentication, endsAtMs }: RegistrationStatus): boolean {
  return authentication === "secret" && endsAtMs === undefined;
}
