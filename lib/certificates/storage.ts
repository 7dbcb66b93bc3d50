/**
 * Stores an automatic certificate with its account or authority: in a folder, or in a database that replicas share.
 *
 * @module
 */
import { join } from "node:path";
import { errorText, SECOND_MS } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";
import type { StoredValue, ValueVault } from "../store/mod.ts";
import { type Certificate, parseCertificate } from "./certificates.ts";
import { readIfPresent, writePrivately } from "./pem_file.ts";

/** A text that is stored, by the name of its file. All of them are secret. */
type StoredName = "certificate.pem" | "account.json" | "ca.pem";

/** The text of the certificate and its key. */
export const CERTIFICATE = "certificate.pem" satisfies StoredName;

/** The right to request a certificate. */
export interface Turn {
  /** Requests that have failed since the last certificate. */
  readonly failures: number;
}

/** Stores texts, and gives the right to request a certificate. */
export interface CertificateStorage {
  /** How often to look for a certificate of another replica, in milliseconds. Absent: there are no other replicas. */
  readonly pollMs?: number;
  read(name: StoredName): Promise<string | undefined>;
  /** Replaces the text that was read; false if another replica was faster. */
  write(name: StoredName, text: string): Promise<boolean>;
  /**
   * Asks for the right to request a certificate, which ends when one is stored. `undefined`: another replica has it, or all
   * replicas wait after a failure.
   *
   * @param force Whether to end such a wait.
   */
  takeTurn(force: boolean): Promise<Turn | undefined>;
  /** Returns the right after a failure. @param pauseMs The time before which no replica gets it. */
  fail(pauseMs: number): Promise<void>;
}

/** Stores files, for one process. */
export class FolderStorage implements CertificateStorage {
  readonly #folder: string;
  #failures = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(name: StoredName): Promise<string | undefined> {
    return readIfPresent(join(this.#folder, name));
  }

  async write(name: StoredName, text: string): Promise<true> {
    await writePrivately(join(this.#folder, name), text);
    if (name === CERTIFICATE) this.#failures = 0;
    return true;
  }

  takeTurn(): Promise<Turn> {
    return Promise.resolve({ failures: this.#failures });
  }

  fail(): Promise<void> {
    this.#failures++;
    return Promise.resolve();
  }
}

/** Stores the certificate of a replica that issues its own, in memory. */
export class MemoryStorage implements CertificateStorage {
  #text: string | undefined;

  read(): Promise<string | undefined> {
    return Promise.resolve(this.#text);
  }

  write(_name: StoredName, text: string): Promise<true> {
    this.#text = text;
    return Promise.resolve(true);
  }

  takeTurn(): Promise<Turn> {
    return Promise.resolve({ failures: 0 });
  }

  fail(): Promise<void> {
    return Promise.resolve();
  }
}

/** How replicas take turns. */
export interface Turns {
  /** See {@linkcode CertificateStorage.takeTurn}. @param version That of the value which is going to be replaced; 0: none. */
  take(name: string, version: number, force: boolean): Promise<Turn | undefined>;
  /** See {@linkcode CertificateStorage.fail}. */
  fail(name: string, pauseMs: number): Promise<void>;
}

/** The parts of a shared database that certificates need. */
export interface SharedParts {
  readonly values: Pick<ValueVault, "load" | "replace">;
  readonly turns: Turns;
  /** Answers to challenges: the authority may ask any replica. */
  readonly challenges: ChallengeAnswers;
}

/** Answers to challenges of an authority, by their tokens, while an order lasts. A `Map` is one. */
export interface ChallengeAnswers {
  get(token: string): string | undefined | Promise<string | undefined>;
  set(token: string, answer: string): unknown;
  delete(token: string): unknown;
}

const POLL_MS = 5 * SECOND_MS;

/** Stores values in a shared database. It imports what a folder has from the time before replicas. */
export class SharedStorage implements CertificateStorage {
  readonly pollMs = POLL_MS;
  readonly #parts: Pick<SharedParts, "values" | "turns">;
  readonly #former: FolderStorage;
  /** The versions that were last read. */
  readonly #versions = new Map<StoredName, number>();

  constructor(parts: Pick<SharedParts, "values" | "turns">, folder: string) {
    this.#parts = parts;
    this.#former = new FolderStorage(folder);
  }

  async read(name: StoredName): Promise<string | undefined> {
    const stored = await this.#parts.values.load(valueName(name));
    return stored ? this.#note(name, stored) : await this.#takeOver(name);
  }

  async write(name: StoredName, text: string): Promise<boolean> {
    const version = this.#versions.get(name) ?? 0;
    const isStored = await this.#parts.values.replace(valueName(name), text, version);
    if (isStored) this.#versions.set(name, version + 1);
    return isStored;
  }

  takeTurn(force: boolean): Promise<Turn | undefined> {
    const version = this.#versions.get(CERTIFICATE) ?? 0;
    return this.#parts.turns.take(valueName(CERTIFICATE), version, force);
  }

  fail(pauseMs: number): Promise<void> {
    return this.#parts.turns.fail(valueName(CERTIFICATE), pauseMs);
  }

  #note(name: StoredName, { text, version }: StoredValue): string {
    this.#versions.set(name, version);
    return text;
  }

  async #takeOver(name: StoredName): Promise<string | undefined> {
    this.#versions.delete(name);
    const text = await this.#former.read(name);
    if (text === undefined || await this.write(name, text)) return text;
    const stored = await this.#parts.values.load(valueName(name));
    return stored && this.#note(name, stored);
  }
}

function valueName(name: StoredName): string {
  return `certificates ${name}`;
}

const log = getLogger("certificates");

/** Reads the stored certificate; `undefined`: there is none that can be used. */
export async function readCertificate(
  storage: Pick<CertificateStorage, "read">,
): Promise<Certificate | undefined> {
  const text = await storage.read(CERTIFICATE);
  if (text === undefined) return undefined;
  try {
    return parseCertificate({ key: text, cert: text });
  } catch (error) {
    log.warning("the stored certificate cannot be used", { error: errorText(error) });
    return undefined;
  }
}

/** Reads the certificate that replicas share. */
export async function readSharedCertificate(
  values: SharedParts["values"],
): Promise<Certificate | undefined> {
  const read = async (name: StoredName) => (await values.load(valueName(name)))?.text;
  return await readCertificate({ read });
}
