/**
 * What a command of the command line is.
 *
 * @module
 */
import type { Config, Environment } from "../config/mod.ts";
import type { Output } from "./output.ts";

/** An option of a command. */
export interface Option {
  /** What stands for its value in the help, such as `FILE`. Absent: it takes none. */
  readonly value?: string;
  readonly meaning: string;
}

/** A command; its entry in the help follows from it. */
export interface Command {
  /** One or more words: `serve`, `account list`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** As they are shown: `FROM`; in brackets, `[SUBJECT]`, those that may be left out. */
  readonly parameters?: readonly string[];
  readonly options?: Readonly<Record<string, Option>>;
  /** What else its help says. */
  readonly details?: string;
  /**
   * Does the work.
   *
   * @returns the exit code.
   * @throws {CommandError}
   */
  run(call: Call): Promise<number>;
}

/** One call of a command, with what it may use. */
export interface Call {
  /** As many as the command demands or allows. */
  readonly parameters: readonly string[];
  readonly output: Output;
  /** Whether an option without a value was given. */
  flag(name: string): boolean;
  /** The value of an option. */
  text(name: string): string | undefined;
  /** The validated settings. @throws {ConfigError} */
  config(): Config;
  /** Asks the person at the terminal; false where there is none. */
  confirm(question: string): boolean;
}

/** What the program lends to its command line. */
export interface Surroundings {
  readonly output: Output;
  /** The variables of the environment. */
  readonly environment: Environment;
  readFile(path: string): string;
  confirm(question: string): boolean;
}

/** A command that could not do its work. The message is for the person who called it. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(message: string, readonly exitCode: number, options?: ErrorOptions) {
    super(message, options);
  }
}
