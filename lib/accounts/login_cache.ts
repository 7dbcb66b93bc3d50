/**
 * Successful logins of late, for the time when the database is out of order.
 *
 * @module
 */
import type { FoundAppPassword } from "../store/mod.ts";

/** Some hundred octets each; more than the accounts of any but the largest installations. */
const MAX_ENTRIES = 10_000;

/** Remembers who owns which app password; the entry that was not used for the longest time leaves first. */
export class LoginCache {
  readonly #entries = new Map<string, FoundAppPassword>();

  /** @param hashes All keyed hashes of the password that was typed. */
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
