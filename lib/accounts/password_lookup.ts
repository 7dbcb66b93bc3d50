/**
 * The lookup of app passwords by what a client has sent.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { LoginError } from "../../smtp/mod.ts";
import type { Clock } from "../base/mod.ts";
import { spellingsOf } from "./app_passwords.ts";
import type { Secrets } from "../crypto/mod.ts";
import { type AppPasswordStore, type FoundAppPassword, StoreError } from "../store/mod.ts";

/** Returns the error of a login for which the database has to be asked. */
export function databaseUnavailable(cause: StoreError): LoginError {
  const text = "The account database is not available at the moment; try again later";
  return new LoginError("temporary", text, { cause });
}

/** Finds app passwords by their keyed hashes, with a few indexed queries for any number of accounts. */
export class PasswordLookup {
  readonly #appPasswords: AppPasswordStore;
  readonly #secrets: Secrets;
  readonly #clock: Pick<Clock, "now">;
  readonly #trustMs: number;
  readonly #cache = new LoginCache();
  #answeredAtMs: number;

  /** @param trustMs How long found app passwords are trusted without an answer of the database, which may have revoked them. */
  constructor(
    appPasswords: AppPasswordStore,
    secrets: Secrets,
    clock: Pick<Clock, "now">,
    trustMs: number,
  ) {
    this.#appPasswords = appPasswords;
    this.#secrets = secrets;
    this.#clock = clock;
    this.#trustMs = trustMs;
    this.#answeredAtMs = clock.now();
  }

  /** Whether what the database has said may be used in the place of an answer. */
  get isTrusted(): boolean {
    return this.#clock.now() - this.#answeredAtMs < this.#trustMs;
  }

  /** Notes that the database has told of all revocations. */
  noteAnswer(): void {
    this.#answeredAtMs = this.#clock.now();
  }

  /**
   * Returns the app password that was typed. While the database fails, recently found ones are still known, for a while.
   *
   * @throws {StoreError} when the database fails and this app password is not among them.
   */
  async find(typed: string): Promise<FoundAppPassword | undefined> {
    const spellings = spellingsOf(typed).map((spelling) => this.#secrets.passwordHashes(spelling));
    const hashes = spellings.flat();
    const found = await this.#read(hashes);
    if (!found) {
      this.#cache.delete(hashes);
      return undefined;
    }
    this.#cache.set(found);
    await this.#rehashIfStale(found, spellings);
    return found;
  }

  /** Forgets an account, or only one of its app passwords. */
  forget(accountId: string, appPasswordId?: string): void {
    this.#cache.forget(accountId, appPasswordId);
  }

  async #read(hashes: readonly Uint8Array[]): Promise<FoundAppPassword | undefined> {
    try {
      return await this.#appPasswords.find(hashes);
    } catch (error) {
      const cached = this.isTrusted ? this.#cache.get(hashes) : undefined;
      if (error instanceof StoreError && cached) return cached;
      throw error;
    }
  }

  /** After a rotation of `SESSION_SECRET`, each login moves its app password to the new key. */
  async #rehashIfStale(
    { hash, appPassword }: FoundAppPassword,
    spellings: readonly (readonly [newest: Uint8Array, ...older: Uint8Array[]])[],
  ): Promise<void> {
    const stale = spellings.find(([, ...older]) => older.some((old) => timingSafeEqual(old, hash)));
    if (stale) await this.#appPasswords.rehash(appPassword.id, stale[0]);
  }
}

/** Some hundred octets each. Few installations have more accounts. */
const MAX_ENTRIES = 10_000;

/** Remembers found app passwords. The least recently used entry leaves first. */
export class LoginCache {
  readonly #entries = new Map<string, FoundAppPassword>();

  /** Returns the app password with one of these keyed hashes. */
  get(hashes: readonly Uint8Array[]): FoundAppPassword | undefined {
    for (const hash of hashes) {
      const found = this.#entries.get(keyOf(hash));
      if (found) return found;
    }
  }

  set(found: FoundAppPassword): void {
    const key = keyOf(found.hash);
    this.#entries.delete(key);
    this.#entries.set(key, found);
    if (this.#entries.size <= MAX_ENTRIES) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest!);
  }

  delete(hashes: readonly Uint8Array[]): void {
    hashes.forEach((hash) => this.#entries.delete(keyOf(hash)));
  }

  /** Forgets an account, or only one of its app passwords. */
  forget(accountId: string, appPasswordId?: string): void {
    for (const [key, { account, appPassword }] of this.#entries) {
      const matches = account.id === accountId &&
        (appPasswordId === undefined || appPassword.id === appPasswordId);
      if (matches) this.#entries.delete(key);
    }
  }
}

function keyOf(hash: Uint8Array): string {
  return hash.toBase64();
}
