/**
 * Successful logins of late, for the time when the database is out of order.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { FoundAppPassword } from "../store/store.ts";

/** Some hundred octets each; more than the accounts of any but the largest installations. */
const MAX_ENTRIES = 10_000;

/** Remembers who owns which app password; the entry that was not used for the longest time leaves first. */
export class LoginCache {
  readonly #entries = new Map<string, FoundAppPassword>();

  /** @param hashes All keyed hashes of the password that was typed. */
  get(hashes: readonly Uint8Array[]): FoundAppPassword | undefined {
    return this.#entries.get(keyOf(hashes));
  }

  set(hashes: readonly Uint8Array[], found: FoundAppPassword): void {
    const key = keyOf(hashes);
    this.#entries.delete(key);
    this.#entries.set(key, found);
    if (this.#entries.size <= MAX_ENTRIES) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest!);
  }

  delete(hashes: readonly Uint8Array[]): void {
    this.#entries.delete(keyOf(hashes));
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

function keyOf(hashes: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  hashes.forEach((octets) => hash.update(octets));
  return hash.digest("base64");
}
