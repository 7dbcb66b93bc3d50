/**
 * Parses the arguments of the program: a command, its parameters and its options.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { PROGRAM } from "../base/mod.ts";
import { nearest } from "../config/mod.ts";
import { type Command, CommandError, type Option } from "./command.ts";
import { EXIT } from "./exit_codes.ts";

/** Options of every command. */
export const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
  "env-file": {
    value: "FILE",
    meaning:
      "read settings from FILE; the environment takes precedence (default: .env, if it exists)",
  },
  json: { meaning: "print the result as JSON" },
  debug: { meaning: "write the program's log to the standard error output" },
  help: { meaning: "show this help" },
};

const VERSION_OPTION = "version";
const DEFAULT_COMMAND = "serve";

/** Parsed arguments. */
type Arguments =
  | { readonly kind: "version" }
  /** `group`: the first words that some commands have in common, such as `account`; empty: all commands. */
  | { readonly kind: "overview"; readonly group: string }
  | { readonly kind: "help"; readonly command: Command }
  | { readonly kind: "call"; readonly command: Command } & GivenArguments;

/** Parameters and options of a call. */
export interface GivenArguments {
  readonly parameters: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly texts: ReadonlyMap<string, string>;
}

/** Parses arguments. @throws {CommandError} if they are not valid. */
export function readArguments(args: readonly string[], commands: readonly Command[]): Arguments {
  const { words, given } = split(args, commands);
  if (given.has(VERSION_OPTION)) return { kind: "version" };
  const help = given.has("help");
  if (words.length === 0 && help) return { kind: "overview", group: "" };
  const found = findCommand(words.length === 0 ? [DEFAULT_COMMAND] : words, commands);
  if (typeof found === "string") {
    if (help) return { kind: "overview", group: found };
    throw usage(`"${found}" needs one more word.`, found);
  }
  const { command, parameters } = found;
  if (help) return { kind: "help", command };
  const options = checkOptions(command, given);
  checkParameters(command, parameters);
  return { kind: "call", command, parameters, ...options };
}

type GivenOptions = ReadonlyMap<string, string | undefined>;

/** Separates words from options. It knows the options of all commands, so that it does not take their values for words. */
function split(args: readonly string[], commands: readonly Command[]) {
  const all = Object.assign({}, COMMON_OPTIONS, ...commands.map(({ options }) => options));
  const options = Object.fromEntries(
    Object.entries(all as Record<string, Option>).map(([name, { value }]) => [name, {
      type: value === undefined ? "boolean" as const : "string" as const,
      ...(name === "help" && { short: "h" }),
    }]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words = tokens.flatMap((token) => token.kind === "positional" ? [token.value] : []);
  const given = tokens.flatMap((token) =>
    token.kind === "option" ? [[token.name, token.value] as const] : []
  );
  return { words, given: new Map(given) as GivenOptions };
}

/** Returns a command with its parameters, or the words of a group such as `account` if no further word follows. */
function findCommand(
  words: readonly string[],
  commands: readonly Command[],
): { command: Command; parameters: readonly string[] } | string {
  for (let count = words.length; count > 0; count--) {
    const name = words.slice(0, count).join(" ");
    const command = commands.find((candidate) => candidate.name === name);
    if (command) return { command, parameters: words.slice(count) };
    const group = commands.filter((candidate) => candidate.name.startsWith(`${name} `));
    if (group.length > 0 && words.length === count) return name;
    if (group.length > 0) throw unknownCommand(words.slice(0, count + 1).join(" "), group);
  }
  throw unknownCommand(words[0]!, commands);
}

function unknownCommand(name: string, commands: readonly Command[]): CommandError {
  const candidates = commands.map((command) => command.name);
  const words = name.split(" ").length;
  const beginnings = candidates.map((candidate) => candidate.split(" ").slice(0, words).join(" "));
  return usage(`"${name}" is not a command.${didYouMean(name, beginnings)}`);
}

function checkParameters({ name, parameters = [] }: Command, given: readonly string[]): void {
  const missing = parameters.slice(given.length).find((parameter) => !isOptional(parameter));
  if (missing) throw usage(`${missing} is missing.`, name);
  if (given.length > parameters.length && !parameters.at(-1)?.endsWith("...]")) {
    const hint = parameters.length > 0 ? " Put quotes around text with spaces." : "";
    throw usage(`"${given[parameters.length]}" is one argument too many.${hint}`, name);
  }
}

function isOptional(parameter: string): boolean {
  return parameter.startsWith("[");
}

function checkOptions(command: Command, given: GivenOptions): Omit<GivenArguments, "parameters"> {
  const options: Readonly<Record<string, Option>> = { ...COMMON_OPTIONS, ...command.options };
  const flags = new Set<string>();
  const texts = new Map<string, string>();
  for (const [name, value] of given) {
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    const shown = name.length === 1 ? `-${name}` : `--${name}`;
    if (!option) {
      const suggestion = didYouMean(name, Object.keys(options), "--");
      throw usage(`${shown} is not an option of "${command.name}".${suggestion}`, command.name);
    }
    if (option.value === undefined && value !== undefined) {
      throw usage(`${shown} takes no value.`, command.name);
    }
    if (option.value !== undefined && !value) {
      throw usage(`${shown} needs a value: ${shown} ${option.value}`, command.name);
    }
    if (value === undefined) flags.add(name);
    else texts.set(name, value);
  }
  return { flags, texts };
}

function didYouMean(word: string, candidates: readonly string[], prefix = ""): string {
  const similar = nearest(word, candidates);
  return similar === undefined ? "" : ` Did you mean ${prefix}${similar}?`;
}

function usage(problem: string, command = ""): CommandError {
  const help = [PROGRAM, command, "--help"].filter(Boolean).join(" ");
  return new CommandError(`${problem}\nSee ${help}`, EXIT.usage);
}
