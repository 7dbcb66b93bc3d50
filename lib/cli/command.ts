/**
 * A command of the command line, and a call of it.
 *
 * @module
 */
import type { Dialer } from "../../smtp/mod.ts";
import type { Config, Environment, FileReader } from "../config/mod.ts";
import type { HttpHandler } from "../http/mod.ts";
import type { Services } from "../program/mod.ts";
import type { Output } from "./output.ts";

/** Variable with the number of file descriptors that this process may open. It is not a setting: the start script sets it. */
export const DESCRIPTOR_VARIABLE = "DESCRIPTOR_LIMIT";

/** An option of a command. */
export interface Option {
  /** Placeholder for its value in the help, such as `FILE`. Absent: it takes no value. */
  readonly value?: string;
  readonly meaning: string;
  /** Present: the value is the path of a file that the command reads, or of the database of new settings. */
  readonly path?: "file" | "database";
}

/** Permissions that a command needs besides its settings, the database and the network that `serve` uses. */
export interface Access {
  /** `any` host, or only the `running-server` on this machine. */
  readonly network?: "any" | "running-server";
  /** Its parameters are files that it writes, or databases of SQLite that it reads or writes. */
  readonly parameters?: "read-database" | "write" | "write-database";
  /** It writes the env file, and reads any file that the new settings name. */
  readonly envFile?: "write";
}

/** A command. Its help and its permissions are derived from this. */
export interface Command {
  /** One or more words: `serve`, `account list`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /**
   * Names of its parameters as shown in the help. One in brackets, `[SUBJECT]`, is optional; one that ends in `...]` stands for
   * any number.
   */
  readonly parameters?: readonly string[];
  readonly options?: Readonly<Record<string, Option>>;
  /** More text for its help. */
  readonly details?: string;
  readonly access?: Access;
  /**
   * Does the work.
   *
   * @returns the exit code.
   * @throws {CommandError}
   */
  run(call: Call): Promise<number>;
}

/** One call of a command, with everything that it may use. */
export interface Call extends Omit<Dependencies, "environment" | "readFile"> {
  /** As many as the command requires or allows. */
  readonly parameters: readonly string[];
  /** Whether an option without a value was given. */
  flag(name: string): boolean;
  /** Returns the value of an option. */
  text(name: string): string | undefined;
  /** Returns the validated settings. @throws {ConfigError} */
  config(): Config;
}

/** The web pages. */
export interface Pages {
  readonly handler: HttpHandler;
  /** Ends responses that would never end by themselves. */
  close(): void;
}

/** Dependencies of the command line. */
export interface Dependencies {
  readonly output: Output;
  /** The variables of the environment. */
  readonly environment: Environment;
  readonly readFile: FileReader;
  /** The number of file descriptors that this process may open. Absent: unknown. */
  readonly descriptorLimit?: number;
  /** Asks the person at the terminal; false if there is none. */
  confirm(question: string): boolean;
  /** Asks the person at the terminal for a line; `undefined` if there is none. */
  ask(question: string): string | undefined;
  /** Creates the web pages. Injected, since the command line does not import them. */
  createPages(services: Services): Promise<Pages>;
  /** The way to the submission server, for `check` and `send`. */
  readonly dialer: Dialer;
}

/** Thrown if a command cannot do its work. The message is for the user. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(message: string, readonly exitCode: number, options?: ErrorOptions) {
    super(message, options);
  }
}
