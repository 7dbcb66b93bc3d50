/**
 * Renews a certificate in time. After a failure, the former one stays in use.
 *
 * @module
 */
import type { CertificatePair } from "../../smtp/mod.ts";
import type { Alerts } from "../alerts/mod.ts";
import { type Clock, DAY_MS, errorText, HOUR_MS, MINUTE_MS, type Timer } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";
import { selfSigned } from "./authority.ts";
import {
  type Certificate,
  coversHost,
  isSelfSigned,
  lifetimeFraction,
  parseCertificate,
} from "./certificates.ts";
import type { Issuer } from "./issuer.ts";
import { CERTIFICATE, type CertificateStorage, readCertificate, type Turn } from "./storage.ts";

/** Dependencies of a {@linkcode CertificateRenewer}. */
interface CertificateRenewerOptions {
  /** Stores key and chain, as one text. */
  readonly storage: CertificateStorage;
  readonly issuer: Issuer;
  readonly alerts: Pick<Alerts, "raise" | "clear">;
  readonly clock: Clock;
}

const INTERVAL_MS = HOUR_MS;
/** Let's Encrypt allows five failed validations per hour and host. The pauses double from here. */
const FIRST_RETRY_MS = 5 * MINUTE_MS;
const LONGEST_RETRY_MS = 12 * HOUR_MS;
const ADVICE_INTERVAL_MS = 6 * HOUR_MS;
/** The authority's advice is not followed more often than this. */
const YOUNGEST_MS = DAY_MS;
/** The rest of the lifetime is for failures. The jitter spreads the renewals of different servers. */
const RENEWAL_PART = 2 / 3;
const JITTER_PART = 1 / 24;

const log = getLogger("certificates");

/** Renews one certificate. */
export class CertificateRenewer {
  readonly #options: CertificateRenewerOptions;
  #onReplaced: () => Promise<void> = () => Promise.resolve();
  #timer: Timer | undefined;
  #pair: CertificatePair;
  #advice:
    | { readonly serial: string; readonly renewAtMs?: number; readonly askedMs: number }
    | undefined;
  #isReadable = true;
  /** Whether the pause after a failure is skipped. */
  #isForced = false;
  #stopped = false;

  private constructor(options: CertificateRenewerOptions, pair: CertificatePair) {
    this.#options = options;
    this.#pair = pair;
  }

  /** Makes sure that there is a certificate: a self-signed one, until the first has been issued. */
  static async open(options: CertificateRenewerOptions): Promise<CertificateRenewer> {
    const { storage, issuer } = options;
    const stored = await readCertificate(storage);
    if (stored) return new CertificateRenewer(options, stored.pair);
    // An authority of our own issues at once.
    const isOwn = issuer.authority !== undefined;
    const pair = isOwn ? await issuer.issue(undefined) : await selfSigned(issuer.names());
    if (!isOwn) {
      log.warning(
        "there is no certificate yet: clients get a temporary one, which they do not trust",
      );
    }
    // Replicas do not share a self-signed one.
    if (isOwn || storage.pollMs === undefined) await storage.write(CERTIFICATE, textOf(pair));
    return new CertificateRenewer(options, pair);
  }

  /** The certificate as it was last read or stored, with its key. */
  get pair(): CertificatePair {
    return this.#pair;
  }

  /** The certificate of the authority that clients have to be told to trust, in PEM; `undefined`: they trust it already. */
  get authority(): string | undefined {
    return this.#options.issuer.authority;
  }

  /** Returns the answer to a challenge of an authority, by its token. */
  challenge(token: string): Promise<string | undefined> {
    return this.#options.issuer.challenge(token);
  }

  /** Begins to renew. @param onReplaced Puts the new certificate to use. */
  start(onReplaced: () => Promise<void>): void {
    this.#onReplaced = onReplaced;
    void this.#run();
  }

  /** Tries again now if a certificate is due: the operator may have solved the problem. */
  retry(): void {
    this.#isForced = true;
    // Without a timer, it is working already.
    if (!this.#timer || this.#stopped) return;
    this.#timer.cancel();
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #run(): Promise<void> {
    const { clock, storage: { pollMs = Infinity } } = this.#options;
    this.#timer = undefined;
    const delayMs = await this.#renewIfDue().then(
      (delayMs) => {
        this.#isReadable = true;
        return delayMs;
      },
      (error) => this.#cannotRead(error),
    );
    if (this.#stopped) return;
    this.#timer = clock.setTimer(Math.min(delayMs, pollMs), () => void this.#run());
  }

  #cannotRead(error: unknown): number {
    if (this.#isReadable) {
      log.warning("the stored certificate cannot be read", { error: errorText(error) });
    }
    this.#isReadable = false;
    return FIRST_RETRY_MS;
  }

  /** Returns the time until the next check, in milliseconds. Rejects if nothing can be read or stored. */
  async #renewIfDue(): Promise<number> {
    const current = await this.#load();
    if (current && !await this.#isDue(current)) return this.#succeeded();
    const force = this.#isForced;
    this.#isForced = false;
    const turn = await this.#options.storage.takeTurn(force);
    return turn ? await this.#renew(current, turn) : INTERVAL_MS;
  }

  async #renew(current: Certificate | undefined, { failures }: Turn): Promise<number> {
    const { issuer, storage } = this.#options;
    try {
      log.info("requesting a certificate", { names: issuer.names().join(", ") });
      const usable = current && !isSelfSigned(current) ? current : undefined;
      const pair = await issuer.issue(usable);
      parseCertificate(pair);
      // Otherwise another replica, which believed that this one had stopped, was faster.
      if (await storage.write(CERTIFICATE, textOf(pair))) await this.#replace(pair);
      else await this.#load();
      return this.#succeeded();
    } catch (error) {
      const delayMs = this.#failed(error, current, failures);
      await storage.fail(delayMs);
      return delayMs;
    }
  }

  /** Reads the stored certificate, and puts it to use if it is a new one. */
  async #load(): Promise<Certificate | undefined> {
    const stored = await readCertificate(this.#options.storage);
    if (stored && textOf(stored.pair) !== textOf(this.#pair)) await this.#replace(stored.pair);
    return stored;
  }

  async #replace(pair: CertificatePair): Promise<void> {
    this.#pair = pair;
    await this.#onReplaced();
  }

  async #isDue(certificate: Certificate): Promise<boolean> {
    const { issuer, clock } = this.#options;
    if (isSelfSigned(certificate)) return true;
    if (!issuer.names().every((name) => coversHost(certificate, name))) return true;
    const nowMs = clock.now();
    return nowMs >= renewalTime(certificate) || nowMs >= await this.#advised(certificate);
  }

  /** Returns the time at which the authority advises to renew; infinity without advice. It asks the authority from time to time. */
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
    this.#isForced = false;
    for (const kind of KINDS) this.#options.alerts.clear(kind, this.#subject);
    return INTERVAL_MS;
  }

  #failed(error: unknown, current: Certificate | undefined, failures: number): number {
    const { issuer, alerts, clock } = this.#options;
    const { text, remedy, retryAfterMs = 0 } = issuer.explain(error);
    const delayMs = Math.max(
      Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS),
      Math.min(retryAfterMs, 7 * DAY_MS),
    );
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
}

function textOf({ key, cert }: CertificatePair): string {
  return key + cert;
}

/** The alerts if the former certificate is valid, and if there is none. */
const KINDS = ["certificate-not-renewed", "certificate-missing"] as const;

/** Returns the time at which to renew a certificate without advice, in milliseconds since the epoch. */
export function renewalTime(certificate: Certificate): number {
  const startMs = Date.parse(certificate.leaf.validFrom);
  const lifeMs = certificate.expiresAtMs - startMs;
  const jitter = JITTER_PART * lifetimeFraction(certificate);
  return startMs + lifeMs * (RENEWAL_PART - jitter);
}
