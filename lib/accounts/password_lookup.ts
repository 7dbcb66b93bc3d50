/**
 * From what a client sent as its password to the app password and its owner.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { spellingsOf } from "./app_passwords.ts";
import type { Secrets } from "../crypto/mod.ts";
import { type AppPasswordStore, type FoundAppPassword, StoreError } from "../store/mod.ts";
import { LoginCache } from "./login_cache.ts";

/** Finds app passwords by their keyed hashes: a few indexed queries, for any number of accounts. */
export class PasswordLookup {
  readonly #appPasswords: AppPasswordStore;
  readonly #secrets: Secrets;
  readonly #cache = new LoginCache();

  constructor(appPasswords: AppPasswordStore, secrets: Secrets) {
    this.#appPasswords = appPasswords;
    this.#secrets = secrets;
  }

  /**
   * The app password that was typed. While the database is out of order, those that were found of late are still known.
   *
   * @throws {StoreError} when the database is out of order and this one is not among them.
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
      const cached = this.#cache.get(hashes);
      if (error instanceof StoreError && cached) return cached;
      throw error;
    }
  }

  /** After a rotation of `SESSION_SECRET`, each login moves its app password to the new key. */
  async #rehashIfStale(
    { hash, appPassword }: FoundAppPassword,
    spellings: readonly (readonly [newest: Uint8Array, ...older: Uint8Array[]])[],
  ): Promise<void> {
    const newest = spellings.find(([, ...older]) => older.some((old) => sameOctets(old, hash)))
      ?.[0];
    if (newest) await this.#appPasswords.rehash(appPassword.id, newest);
  }
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
