/**
 * The command line as a whole: finds the command, runs it, and turns what it throws into a message and an exit code.
 *
 * @module
 */
import {
  type Config,
  ConfigError,
  type Environment,
  type FileReader,
  parseConfig,
  readEnvironment,
} from "../config/mod.ts";
import { errorText, VERSION } from "../base/mod.ts";
import { configureLogging } from "../log/mod.ts";
import { RuleFileError } from "../sign_in/mod.ts";
import { SecretError } from "../crypto/mod.ts";
import { StoreError } from "../store/mod.ts";
import { MicrosoftError } from "../microsoft/mod.ts";
import { type GivenArguments, readArguments } from "./arguments.ts";
import { type Call, type Command, CommandError, type Surroundings } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { commandHelp, overview } from "./help.ts";

/** Runs what the arguments say. @returns the exit code. */
export async function runCommandLine(
  args: readonly string[],
  commands: readonly Command[],
  surroundings: Surroundings,
): Promise<number> {
  const { output } = surroundings;
  try {
    const found = readArguments(args, commands);
    switch (found.kind) {
      case "version":
        output.line(VERSION);
        return EXIT.ok;
      case "overview":
        output.line(overview(commands, found.group));
        return EXIT.ok;
      case "help":
        output.line(commandHelp(found.command));
        return EXIT.ok;
      case "call":
        return await found.command.run(new GivenCall(found, surroundings));
    }
  } catch (error) {
    const { message, exitCode } = asCommandError(error);
    output.error(message);
    return exitCode;
  }
}

/** A call as the arguments and the environment make it. */
class GivenCall implements Call {
  readonly parameters: readonly string[];
  readonly #given: GivenArguments;
  readonly #surroundings: Surroundings;

  constructor(given: GivenArguments, surroundings: Surroundings) {
    this.parameters = given.parameters;
    this.#given = given;
    this.#surroundings = surroundings;
    if (this.flag("json")) this.output.useJson();
    if (this.flag("debug")) {
      configureLogging({ format: "text", level: "debug", write: console.error });
    }
  }

  get output() {
    return this.#surroundings.output;
  }

  flag(name: string): boolean {
    return this.#given.flags.has(name);
  }

  text(name: string): string | undefined {
    return this.#given.texts.get(name);
  }

  config(): Config {
    const { environment, readFile } = this.#surroundings;
    const variables = readEnvFile(this.text("env-file"), readFile, environment);
    return parseConfig(variables, { readFile, production: true });
  }

  confirm(question: string): boolean {
    return this.#surroundings.confirm(question);
  }
}

/** @throws {CommandError} when the file that was named cannot be read. */
function readEnvFile(envFile: string | undefined, readFile: FileReader, environment: Environment) {
  try {
    return readEnvironment(envFile, readFile, environment);
  } catch (error) {
    throw new CommandError(
      `The env file cannot be read: ${errorText(error)}`,
      EXIT.config,
      { cause: error },
    );
  }
}

/** What a command may throw besides its own errors, with the exit code. */
function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof ConfigError) {
    const text = `The settings are not usable:\n${error.message}`;
    return new CommandError(text, EXIT.config);
  }
  if (error instanceof RuleFileError) return new CommandError(error.message, EXIT.config);
  if (error instanceof SecretError) return new CommandError(error.message, EXIT.config);
  if (error instanceof StoreError) return new CommandError(error.message, EXIT.io);
  if (error instanceof MicrosoftError) return fromMicrosoft(error);
  return mistake(error);
}

/** Everything else is a mistake in the program: where it happened helps whoever looks for it. */
function mistake(error: unknown): CommandError {
  const { stack } = error instanceof Error ? error : new Error(String(error));
  return new CommandError(`An unexpected error: ${stack}`, EXIT.software, { cause: error });
}

const MICROSOFT_EXITS: Readonly<Record<MicrosoftError["failure"], number>> = {
  "temporary": EXIT.temporary,
  "sign-in-required": EXIT.noPermission,
  "registration": EXIT.config,
  "cancelled": EXIT.noPermission,
  "refused": EXIT.noPermission,
  "untrusted": EXIT.noPermission,
};

function fromMicrosoft({ explanation, failure }: MicrosoftError): CommandError {
  const { title, code, cause, remedy } = explanation;
  return new CommandError(`${title} (${code}).\n${cause}\n${remedy}`, MICROSOFT_EXITS[failure]);
}
