/** What somebody entered. */
export type InputField = "name" | "allowed-sender" | "short-name" | "account";

/** An entry that cannot be accepted. The message is for the person who made it and says what is allowed. */
export class InputError extends Error {
  override readonly name = "InputError";

  constructor(readonly field: InputField, message: string) {
    super(message);
  }
}
