/** The text that is shown instead of a secret. */
export const SECRET_TEXT = "[secret]";

/**
 * A value that must never be shown: a client secret, a key, a token.
 *
 * Every conversion to text (string conversion, JSON, inspection, a log line) yields {@linkcode SECRET_TEXT}. Only
 * {@linkcode Secret.reveal} returns the value, so every use can be found.
 *
 * ```ts
 * const key = new Secret("hunter2");
 * `${key}`; // "[secret]"
 * key.reveal(); // "hunter2"
 * ```
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** Returns the value, for the place that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SECRET_TEXT;
  }

  toJSON(): string {
    return SECRET_TEXT;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return SECRET_TEXT;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return SECRET_TEXT;
  }
}
