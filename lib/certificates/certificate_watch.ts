/**
 * Watches the files of a certificate, and puts a new pair to use without a restart.
 *
 * @module
 */
import type { CertificatePair } from "../../smtp/mod.ts";
import type { Alerts } from "../alerts/mod.ts";
import { type Clock, errorText, MINUTE_MS, type Timer } from "../base/mod.ts";
import type { CertificateFiles } from "../config/mod.ts";
import { getLogger } from "../log/mod.ts";
import { type Certificate, parseCertificate, readPair, validityProblem } from "./certificates.ts";

/** Dependencies of a {@linkcode CertificateWatch}. */
interface CertificateWatchOptions {
  /** The service that shows the certificate, such as `SMTP`. */
  readonly use: string;
  readonly files: CertificateFiles;
  /** Whether the program renews it automatically. */
  readonly automatic?: boolean;
  readonly alerts: Pick<Alerts, "raise" | "clear">;
  readonly clock: Clock;
  /** Reads the files; injected for tests. */
  readonly read?: (files: CertificateFiles) => CertificatePair;
}

const INTERVAL_MS = MINUTE_MS;
const AUTOMATIC_REMEDY =
  "The program renews it automatically, and has not succeeded: another alert and the log say why.";

const log = getLogger("certificates");

/** Watches the files of one certificate. */
export class CertificateWatch {
  readonly use: string;
  readonly #options: CertificateWatchOptions;
  readonly #read: (files: CertificateFiles) => CertificatePair;
  #pair: CertificatePair;
  #certificate: Certificate;
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
    this.#certificate = parseCertificate(this.#pair);
  }

  /** The pair in use. */
  get pair(): CertificatePair {
    return this.#pair;
  }

  /** End of its validity in milliseconds since the epoch. */
  get expiresAtMs(): number {
    return this.#certificate.expiresAtMs;
  }

  /** Checks the files once a minute from now on. @param apply Puts a new pair to use. */
  start(apply: (pair: CertificatePair) => void | Promise<void>): void {
    this.#apply = apply;
    this.#checkValidity();
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Checks the files now. If they cannot be used, it raises an alert, and the former pair stays in use. Never rejects. */
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
    const certificate = parseCertificate(pair);
    await this.#apply(pair);
    this.#pair = pair;
    this.#certificate = certificate;
    const validTo = new Date(certificate.expiresAtMs).toISOString();
    log.info("certificate replaced", { use: this.use, validTo });
  }

  #checkValidity(): void {
    const { use, alerts, clock, automatic } = this.#options;
    const problem = validityProblem(this.#certificate, clock.now());
    if (!problem) return alerts.clear("certificate-ending", use);
    alerts.raise({
      kind: "certificate-ending",
      subject: use,
      text: `The ${use} certificate needs to be renewed: ${problem.message}.`,
      remedy: automatic ? AUTOMATIC_REMEDY : problem.remedy,
      fixer: "operator",
    });
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimer(INTERVAL_MS, () => {
      void this.check().then(() => this.#schedule());
    });
  }
}
