/**
 * Keeps a certificate valid by itself: it is renewed in time, and a failure keeps the former one.
 *
 * @module
 */
import type { CertificatePair } from "../../smtp/mod.ts";
import type { Alerts } from "../alerts/mod.ts";
import { type Clock, DAY_MS, errorText, HOUR_MS, MINUTE_MS, type Timer } from "../base/mod.ts";
import type { CertificateFiles } from "../config/mod.ts";
import { getLogger } from "../log/mod.ts";
import { selfSigned } from "./authority.ts";
import {
  type Certificate,
  coversHost,
  isSelfSigned,
  lifetimeFraction,
  parseCertificate,
  readPair,
} from "./certificates.ts";
import type { Issuer } from "./issuer.ts";
import { writePrivately } from "./pem_file.ts";

/** Dependencies of a {@linkcode CertificateKeeper}. */
interface CertificateKeeperOptions {
  /** One file for key and chain. */
  readonly files: CertificateFiles;
  readonly issuer: Issuer;
  readonly alerts: Pick<Alerts, "raise" | "clear">;
  readonly clock: Clock;
}

const INTERVAL_MS = HOUR_MS;
/** A CA permits five failed validations an hour and host (Let's Encrypt): the pauses double from here. */
const FIRST_RETRY_MS = 5 * MINUTE_MS;
const LONGEST_RETRY_MS = 12 * HOUR_MS;
const ADVICE_INTERVAL_MS = 6 * HOUR_MS;
/** Advice that is always "now" does not make a new certificate more often than this. */
const YOUNGEST_MS = DAY_MS;
/** A third is left for failures; not all certificates of the world are renewed on the same day of their life. */
const RENEWAL_PART = 2 / 3;
const JITTER_PART = 1 / 24;

const log = getLogger("certificates");

/** Renews one certificate. */
export class CertificateKeeper {
  readonly #options: CertificateKeeperOptions;
  #onReplaced: () => Promise<void> = () => Promise.resolve();
  #timer: Timer | undefined;
  #failures = 0;
  #advice:
    | { readonly serial: string; readonly renewAtMs?: number; readonly askedMs: number }
    | undefined;
  #stopped = false;

  private constructor(options: CertificateKeeperOptions) {
    this.#options = options;
  }

  /** Makes sure that there is a certificate: a temporary one that nobody trusts, until the first has been issued. */
  static async open(options: CertificateKeeperOptions): Promise<CertificateKeeper> {
    const keeper = new CertificateKeeper(options);
    if (!keeper.#current()) {
      await keeper.#write(await selfSigned(options.issuer.names()));
      log.warning("there is no certificate yet: a temporary one, which no client trusts, is shown");
    }
    return keeper;
  }

  /** The certificate of the authority that clients have to trust, in PEM; absent: they know it. */
  get authority(): string | undefined {
    return this.#options.issuer.authority;
  }

  /** Returns the answer to a challenge of an authority, by its token. */
  challenge(token: string): string | undefined {
    return this.#options.issuer.challenge(token);
  }

  /** Begins to renew. @param onReplaced Puts the new file to use. */
  start(onReplaced: () => Promise<void>): void {
    this.#onReplaced = onReplaced;
    void this.#run();
  }

  /** Tries again now, if a certificate is due: whoever asks for it may have solved what was wrong. */
  retry(): void {
    // Without a timer it is at work already.
    if (!this.#timer || this.#stopped) return;
    this.#timer.cancel();
    this.#timer = undefined;
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    const delayMs = await this.#renewIfDue();
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimer(delayMs, () => void this.#run());
  }

  /** Returns the time until the next look, in milliseconds. Never rejects. */
  async #renewIfDue(): Promise<number> {
    const current = this.#current();
    if (current && !await this.#isDue(current)) return this.#succeeded();
    try {
      const { issuer } = this.#options;
      log.info("requesting a certificate", { names: issuer.names().join(", ") });
      const usable = current && !isSelfSigned(current) ? current : undefined;
      await this.#write(await issuer.issue(usable));
      await this.#onReplaced();
      return this.#succeeded();
    } catch (error) {
      return this.#failed(error, current);
    }
  }

  async #isDue(certificate: Certificate): Promise<boolean> {
    const { issuer, clock } = this.#options;
    if (isSelfSigned(certificate)) return true;
    if (!issuer.names().every((name) => coversHost(certificate, name))) return true;
    const nowMs = clock.now();
    return nowMs >= renewalTime(certificate) || nowMs >= await this.#advised(certificate);
  }

  /** Returns the time that the authority advises, which is asked from time to time; without any, the end of time. */
  async #advised(certificate: Certificate): Promise<number> {
    const { issuer, clock } = this.#options;
    const { serialNumber: serial, validFrom } = certificate.leaf;
    const nowMs = clock.now();
    if (nowMs - Date.parse(validFrom) < YOUNGEST_MS) return Infinity;
    const known = this.#advice?.serial === serial ? this.#advice : undefined;
    if (!known || nowMs - known.askedMs >= ADVICE_INTERVAL_MS) {
      const renewAtMs = await issuer.advice(certificate).catch((error) => {
        log.debug("no advice on renewal", { error: errorText(error) });
        return known?.renewAtMs;
      });
      this.#advice = { serial, renewAtMs, askedMs: nowMs };
    }
    return this.#advice?.renewAtMs ?? Infinity;
  }

  #succeeded(): number {
    this.#failures = 0;
    for (const kind of KINDS) this.#options.alerts.clear(kind, this.#subject);
    return INTERVAL_MS;
  }

  #failed(error: unknown, current: Certificate | undefined): number {
    const { issuer, alerts, clock } = this.#options;
    const { text, remedy, retryAfterMs = 0 } = issuer.explain(error);
    const delayMs = Math.max(
      Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS),
      Math.min(retryAfterMs, 7 * DAY_MS),
    );
    this.#failures++;
    const isShown = current !== undefined && !isSelfSigned(current) &&
      current.expiresAtMs > clock.now();
    const [kind, other] = isShown ? KINDS : KINDS.toReversed();
    alerts.clear(other!, this.#subject);
    const next = new Date(clock.now() + delayMs).toISOString();
    alerts.raise({
      kind: kind!,
      subject: this.#subject,
      text: isShown
        ? `The certificate could not be renewed. ${text}`
        : `There is no certificate yet. ${text}`,
      remedy,
      fixer: "operator",
    });
    log.warning("no new certificate", { error: errorText(error), next });
    return delayMs;
  }

  get #subject(): string {
    return this.#options.issuer.names()[0] ?? "";
  }

  #current(): Certificate | undefined {
    try {
      return parseCertificate(readPair(this.#options.files));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        log.warning("the kept certificate cannot be used", { error: errorText(error) });
      }
      return undefined;
    }
  }

  async #write({ key, cert }: CertificatePair): Promise<void> {
    parseCertificate({ key, cert });
    await writePrivately(this.#options.files.certFile, key + cert);
  }
}

/** While the former certificate is good, and while there is none. */
const KINDS = ["certificate-not-renewed", "certificate-missing"] as const;

/** Returns when to renew a certificate that nobody gives advice on, in milliseconds since the epoch. */
export function renewalTime(certificate: Certificate): number {
  const startMs = Date.parse(certificate.leaf.validFrom);
  const lifeMs = certificate.expiresAtMs - startMs;
  const jitter = JITTER_PART * lifetimeFraction(certificate);
  return startMs + lifeMs * (RENEWAL_PART - jitter);
}
