/**
 * Keeps a certificate up to date: its files are looked at from time to time, and a new pair is used without a restart.
 *
 * @module
 */
import type { Alerts } from "../alerts/mod.ts";
import {
  type CertificatePair,
  parseCertificate,
  readPair,
  validityProblem,
} from "./certificates.ts";
import { type Clock, errorText, MINUTE_MS, type Timer } from "../base/mod.ts";
import type { CertificateFiles } from "../config/mod.ts";
import { getLogger } from "../log/mod.ts";

/** What a {@linkcode CertificateWatch} needs. */
export interface CertificateWatchOptions {
  /** What the certificate is for, such as `smtp`. */
  readonly use: string;
  readonly files: CertificateFiles;
  readonly alerts: Pick<Alerts, "raise" | "clear">;
  readonly clock: Clock;
  /** Reads the files; injected for tests. */
  readonly read?: (files: CertificateFiles) => CertificatePair;
}

const INTERVAL_MS = MINUTE_MS;

const log = getLogger("certificates");

export class CertificateWatch {
  readonly use: string;
  readonly #options: CertificateWatchOptions;
  readonly #read: (files: CertificateFiles) => CertificatePair;
  #pair: CertificatePair;
  #expiresAtMs: number;
  #apply: (pair: CertificatePair) => void | Promise<void> = () => {};
  #timer: Timer | undefined;

  /**
   * Reads the pair.
   *
   * @throws {CertificateError}
   */
  constructor(options: CertificateWatchOptions) {
    this.use = options.use;
    this.#options = options;
    this.#read = options.read ?? readPair;
    this.#pair = this.#read(options.files);
    this.#expiresAtMs = parseCertificate(this.#pair).expiresAtMs;
  }

  /** The pair in use. */
  get pair(): CertificatePair {
    return this.#pair;
  }

  /** When it ends, in milliseconds since the epoch. */
  get expiresAtMs(): number {
    return this.#expiresAtMs;
  }

  /** Looks at the files once a minute from now on. @param apply Puts another pair to use. */
  start(apply: (pair: CertificatePair) => void | Promise<void>): void {
    this.#apply = apply;
    this.#checkValidity();
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Looks at the files now. Files that cannot be used leave the former pair in use, and raise an alert. Never rejects. */
  async check(): Promise<void> {
    const { use, alerts, files } = this.#options;
    try {
      const pair = this.#read(files);
      if (pair.cert !== this.#pair.cert || pair.key !== this.#pair.key) await this.#replace(pair);
      alerts.clear("certificate-unusable", use);
    } catch (error) {
      alerts.raise({
        kind: "certificate-unusable",
        subject: use,
        text: `The new files of the ${use} certificate cannot be used: ${errorText(error)}.`,
        remedy:
          `The former certificate stays in use. Check ${files.certFile} and ${files.keyFile}.`,
        fixer: "operator",
      });
    }
    this.#checkValidity();
  }

  async #replace(pair: CertificatePair): Promise<void> {
    const { expiresAtMs } = parseCertificate(pair);
    await this.#apply(pair);
    this.#pair = pair;
    this.#expiresAtMs = expiresAtMs;
    const validTo = new Date(expiresAtMs).toISOString();
    log.info("certificate replaced", { use: this.use, validTo });
  }

  #checkValidity(): void {
    const { use, alerts, clock } = this.#options;
    const problem = validityProblem(parseCertificate(this.#pair), clock.now());
    if (!problem) return alerts.clear("certificate-ending", use);
    alerts.raise({
      kind: "certificate-ending",
      subject: use,
      text: `The ${use} certificate needs to be renewed: ${problem.message}.`,
      remedy: problem.remedy,
      fixer: "operator",
    });
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimer(INTERVAL_MS, () => {
      void this.check().then(() => this.#schedule());
    });
  }
}
