/**
 * The command line as a whole: finds the command, runs it, and turns errors into a message and an exit code.
 *
 * @module
 */
import { InputError } from "../accounts/mod.ts";
import { errorText, PROGRAM, VERSION } from "../base/mod.ts";
import {
  type Config,
  ConfigError,
  DEFAULT_ENV_FILE,
  envFileDoubts,
  parseConfig,
  readSettings,
  VARIABLES,
} from "../config/mod.ts";
import { SecretError } from "../crypto/mod.ts";
import { OldDatabaseError } from "../import/mod.ts";
import { configureLogging } from "../log/mod.ts";
import { MicrosoftError } from "../microsoft/mod.ts";
import { NotAllowedError, RuleFileError } from "../sign_in/mod.ts";
import { StoreError } from "../store/mod.ts";
import { type GivenArguments, readArguments } from "./arguments.ts";
import { type Call, type Command, CommandError, type Dependencies } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { commandHelp, overview } from "./help.ts";

/** Runs the command that the arguments name. @returns the exit code. */
export async function runCommandLine(
  args: readonly string[],
  commands: readonly Command[],
  dependencies: Dependencies,
): Promise<number> {
  const { output } = dependencies;
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
        return await found.command.run(createCall(found, dependencies));
    }
  } catch (error) {
    const { message, exitCode } = asCommandError(error);
    output.error(message);
    return exitCode;
  }
}

function createCall(
  { parameters, flags, texts }: GivenArguments,
  { environment, readFile, ...dependencies }: Dependencies,
): Call {
  if (flags.has("json")) dependencies.output.useJson();
  if (flags.has("debug")) {
    configureLogging({ format: "text", level: "debug", write: console.error });
  }
  const config = (): Config => {
    try {
      const { given, file } = readSettings(texts.get("env-file"), readFile, environment);
      if (!VARIABLES.some((name) => given[name] !== undefined)) throw noSettings(file?.path);
      const sourceOf = (name: string) =>
        environment[name] === undefined ? file?.path ?? DEFAULT_ENV_FILE : "environment";
      const parsed = parseConfig(given, readFile, sourceOf);
      return file ? { ...parsed, warnings: [...envFileDoubts(file), ...parsed.warnings] } : parsed;
    } catch (error) {
      if (error instanceof ConfigError || error instanceof CommandError) throw error;
      const message = `The env file cannot be read: ${errorText(error)}`;
      throw new CommandError(message, EXIT.config, { cause: error });
    }
  };
  const flag = (name: string) => flags.has(name);
  const text = (name: string) => texts.get(name);
  return { ...dependencies, parameters, flag, text, config };
}

/** @param file The env file, if there is one: it has no settings. */
function noSettings(file?: string): CommandError {
  if (file !== undefined) {
    const message =
      `${file} has no settings. Each is a line such as SMTP_PUBLIC_HOST=mail.example.com`;
    return new CommandError(message, EXIT.config);
  }
  return new CommandError(
    `There are no settings yet. To make them, run: ${PROGRAM} init (in a clone: deno task init)\n` +
      "To try everything with a simulated Microsoft first, run in a clone: deno task dev",
    EXIT.config,
  );
}

/** The exit codes of errors that need no more text than their message. */
const EXITS = [
  [InputError, EXIT.usage],
  [OldDatabaseError, EXIT.noInput],
  [RuleFileError, EXIT.config],
  [SecretError, EXIT.config],
  [StoreError, EXIT.io],
] as const;

const MICROSOFT_EXITS: Readonly<Record<MicrosoftError["failure"], number>> = {
  "temporary": EXIT.temporary,
  "sign-in-required": EXIT.noPermission,
  "registration": EXIT.config,
  "cancelled": EXIT.noPermission,
  "refused": EXIT.noPermission,
  "untrusted": EXIT.noPermission,
};

const HOW_TO_START =
  "tools/smtp-oauth2-proxy gives exactly the permissions that the settings need; an executable has those that it was " +
  "built with (deno task compile --path FOLDER --net HOST:PORT).";

/** Turns an error into one with an exit code. */
function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof ConfigError) {
    return new CommandError(`The settings are not valid:\n${error.message}`, EXIT.config);
  }
  if (error instanceof MicrosoftError) {
    const { explanation: { title, code, cause, detail, remedy }, failure } = error;
    const lines = [`${title} (${code}).`, cause, detail && `Microsoft says: ${detail}`, remedy];
    return new CommandError(lines.filter(Boolean).join("\n"), MICROSOFT_EXITS[failure]);
  }
  if (error instanceof Deno.errors.NotCapable) {
    const [need] = error.message.split(", run again");
    return new CommandError(`${need}, and Deno was started without it. ${HOW_TO_START}`, EXIT.io);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    const advice = "Run the command as the user that the program runs as.";
    return new CommandError(`${error.message}. ${advice}`, EXIT.io);
  }
  if (error instanceof NotAllowedError) {
    const { title, cause, remedy } = error.explanation;
    return new CommandError(`${title}. ${cause} ${remedy}`, EXIT.noPermission);
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const [, exitCode] = EXITS.find(([type]) => error instanceof type) ?? [];
  if (exitCode !== undefined) return new CommandError(message, exitCode);
  // A bug in the program: the stack helps to find it.
  return new CommandError(`An unexpected error: ${stack}`, EXIT.software, { cause: error });
}
