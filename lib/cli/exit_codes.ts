/** Exit codes of the command line. From 64 on, they are those of BSD's `sysexits.h`. */
export const EXIT = {
  ok: 0,
  /** A check has failed. */
  failed: 1,
  /** The command line is wrong. */
  usage: 64,
  /** The message was permanently rejected. */
  refused: 65,
  /** A file that was named cannot be read. */
  noInput: 66,
  /** There is no such account. */
  noAccount: 67,
  /** A port cannot be opened. */
  unavailable: 69,
  /** An error in the program. */
  software: 70,
  /** The database or a file cannot be read or written. */
  io: 74,
  /** The same command may work later. */
  temporary: 75,
  /** Microsoft or the account's owner did not permit it. */
  noPermission: 77,
  /** The settings are wrong. */
  config: 78,
} as const;
