/**
 * Lists of devices that each get an app password.
 *
 * @module
 */
import { InputError, parseName } from "./input.ts";

/** A device of a list. */
export interface ListedDevice {
  readonly name: string;
  /** The client address that stands for a login; absent: it logs in. */
  readonly clientAddresses?: string;
}

/** As many as a mailbox can have app passwords. */
const MAX_DEVICES = 100;

/**
 * Reads a list of devices: one a line, its name first and perhaps its address after it, separated by a comma, a semicolon or a tab.
 *
 * @param known Names in use: two devices of one name could not be told apart.
 * @throws {InputError}
 */
export function parseDeviceList(text: string, known: readonly string[]): readonly ListedDevice[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
  if (lines.length === 0) throw new InputError("devices", "Enter the names of the devices.");
  if (lines.length > MAX_DEVICES) {
    throw new InputError("devices", `The list has more than ${MAX_DEVICES} devices. Split it.`);
  }
  const taken = new Set(known.map((name) => name.toLowerCase()));
  return lines.map((line) => {
    const [name = "", ...rest] = line.split(/[,;\t]/).map((cell) => cell.trim());
    parseName(name);
    if (taken.has(name.toLowerCase())) {
      throw new InputError("devices", `Two devices have the name “${name}”.`);
    }
    taken.add(name.toLowerCase());
    return { name, clientAddresses: rest.join(" ").trim() || undefined };
  });
}
