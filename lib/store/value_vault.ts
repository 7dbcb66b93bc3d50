/**
 * Values of the program itself, sealed before they reach the database and opened when they are read.
 *
 * @module
 */
import type { Secrets } from "../crypto/mod.ts";
import type { Store } from "./store.ts";

/** A value from the database, with its version for {@linkcode ValueVault.replace}. */
export interface StoredValue {
  readonly text: string;
  readonly version: number;
}

/** The purpose of its seals, see `Secrets.seal()`. */
const PURPOSE = "value";

/** Reads and writes values of the program itself. */
export class ValueVault {
  readonly #store: Pick<Store, "sealedValues">;
  readonly #secrets: Secrets;

  constructor(store: Pick<Store, "sealedValues">, secrets: Secrets) {
    this.#store = store;
    this.#secrets = secrets;
  }

  /**
   * Returns a value. One that was sealed with an old secret is sealed again.
   *
   * @throws {StoreError}
   * @throws {SecretError} if no configured secret opens it; it stays unchanged.
   */
  async load(name: string): Promise<StoredValue | undefined> {
    const row = await this.#store.sealedValues.get(name);
    if (!row) return undefined;
    const { plaintext, stale } = this.#secrets.open(PURPOSE, name, row.sealed);
    const text = new TextDecoder().decode(plaintext);
    const isReplaced = stale && await this.replace(name, text, row.version);
    return { text, version: isReplaced ? row.version + 1 : row.version };
  }

  /** Stores a value; false if a newer one is stored already. @param version That of the previous value; 0 if there is none. */
  replace(name: string, text: string, version: number): Promise<boolean> {
    const sealed = this.#secrets.seal(PURPOSE, name, new TextEncoder().encode(text));
    return this.#store.sealedValues.replace(name, sealed, version);
  }
}
