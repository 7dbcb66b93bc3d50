/**
 * Names that people give.
 *
 * @module
 */
import { InputError } from "./input_error.ts";

const MAX_NAME_LENGTH = 64;
/** Without `@`: so it never looks like an address, which belongs to whoever receives its mail. */
const SHORT_NAME = /^[a-z0-9][a-z0-9._-]{1,31}$/;

/** The name of an app password. @throws {InputError} */
export function parseName(entered: string): string {
  const name = entered.trim();
  if (name === "" || name.length > MAX_NAME_LENGTH || /\p{Cc}/u.test(name)) {
    throw new InputError(
      "name",
      `Give the app password a name of 1 to ${MAX_NAME_LENGTH} characters, such as the device that uses it.`,
    );
  }
  return name;
}

/** A short SMTP user name; `undefined` when nothing was entered. @throws {InputError} */
export function parseShortName(entered: string): string | undefined {
  const shortName = entered.trim().toLowerCase();
  if (shortName === "") return undefined;
  if (!SHORT_NAME.test(shortName)) {
    throw new InputError(
      "short-name",
      "A short name has 2 to 32 letters a-z, digits, dots, dashes and underscores, and begins with a letter or digit.",
    );
  }
  return shortName;
}
