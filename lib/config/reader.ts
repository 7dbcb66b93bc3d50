/**
 * Reads single settings and collects what is wrong with them.
 *
 * @module
 */
import { ListSyntaxError } from "./list_syntax.ts";
import {
  type ChoiceName,
  type ChoiceOf,
  type DefaultName,
  type IntegerName,
  rangeText,
  type SettingName,
  settingOf,
} from "./settings/table.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a text file. Throws if it cannot be read. */
export type FileReader = (path: string) => string;

/** An error in the settings, or a risk that they bring. It never contains a secret. */
export interface Problem {
  /** The environment variable. */
  readonly variable: string;
  /** The fault, as a sentence; that of an error continues after the variable's name. */
  readonly message: string;
  /** How to solve it. */
  readonly remedy: string;
}

/** A format that values have to have. */
export interface Format {
  readonly isValid: (text: string) => boolean;
  /** The fault of any other text, as the rest of a sentence that begins with the text. */
  readonly fault: string;
  readonly remedy: string;
}

/** Invalid settings. The message lists every problem, one per line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly Problem[]) {
    super(
      problems.map(({ variable, message, remedy }) => `${variable}: ${message} ${remedy}`)
        .join("\n"),
    );
  }
}

/**
 * Reads settings from the environment. After a problem each method returns a usable value, so that the parser goes on and
 * finds the other problems too.
 */
export class SettingsReader {
  readonly #env: Environment;
  readonly #readFile: FileReader;
  readonly #problems: Problem[] = [];

  constructor(env: Environment, readFile: FileReader) {
    this.#env = env;
    this.#readFile = readFile;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  problem(variable: string, message: string, remedy: string): void {
    const isQuoted = /^(["'`]).*\1$/s.test(this.#env[variable] ?? "");
    this.#problems.push({
      variable,
      message,
      remedy: isQuoted ? `${NO_QUOTES} ${remedy}` : remedy,
    });
  }

  /** Reports each value that does not have a format. */
  check(name: SettingName, { isValid, fault, remedy }: Format, ...values: readonly string[]): void {
    for (const value of values) {
      if (!isValid(value)) this.problem(name, `${shown(value)} ${fault}.`, remedy);
    }
  }

  /** Returns the value without surrounding white space; `undefined` if the variable is not set. */
  raw(name: SettingName): string | undefined {
    return this.#env[name]?.trim();
  }

  /** Returns the value; `undefined` if the variable is not set or empty. */
  text(name: SettingName): string | undefined {
    return this.raw(name) || undefined;
  }

  /** Returns the value, or the setting's default. */
  textOrDefault(name: DefaultName): string {
    return this.text(name) ?? settingOf(name).default!;
  }

  /** Returns the value of a required variable; reports a problem and returns "" if there is none. */
  required(name: SettingName): string {
    return this.text(name) ?? this.missing(name) ?? "";
  }

  /** Reports that a required variable is not set. */
  missing(name: SettingName): undefined {
    this.problem(name, "is required.", `Set it, for example ${name}=${exampleOf(name)}`);
  }

  /** Returns the entries of a comma-separated list without quotes. */
  list(name: SettingName): string[] {
    return commaSeparated(this.text(name) ?? "");
  }

  /**
   * Parses a list in the syntax of `list_syntax.ts`.
   *
   * @param required An empty list is a problem.
   */
  entries<T>(name: SettingName, parse: (value: string) => T[], required = false): T[] {
    try {
      const entries = parse(this.text(name) ?? "");
      if (entries.length === 0 && required) this.missing(name);
      return entries;
    } catch (error) {
      if (!(error instanceof ListSyntaxError)) throw error;
      this.problem(name, `is not a list: ${error.message}.`, `It looks like ${exampleOf(name)}`);
      return [];
    }
  }

  /** Returns a whole number in the setting's range, or the setting's default. */
  integer(name: IntegerName & DefaultName): number {
    return this.optionalInteger(name) ?? Number(settingOf(name).default);
  }

  /** Returns a whole number in the setting's range; `undefined` if there is none. */
  optionalInteger(name: IntegerName): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const range = settingOf(name).range!;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= range.min && value <= range.max) return value;
    this.#notAllowed(name, text, `Give a whole number from ${rangeText(range)}.`);
  }

  /** Returns one of the words that the setting allows, or its default. */
  choice<Name extends ChoiceName>(name: Name): ChoiceOf<Name> {
    const { choices = [], default: fallback } = settingOf(name);
    const text = this.text(name)?.toLowerCase() ?? fallback!;
    if (choices.includes(text)) return text as ChoiceOf<Name>;
    this.#notAllowed(name, text, `Use one of: ${choices.join(", ")}.`);
    return fallback as ChoiceOf<Name>;
  }

  /** Returns a truth value. */
  flag(name: SettingName, fallback: boolean): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return fallback;
    if (TRUE_WORDS.includes(text)) return true;
    if (!FALSE_WORDS.includes(text)) this.#notAllowed(name, text, "Use true or false.");
    return false;
  }

  /** Returns the text of the file that the variable names; `undefined`, and a problem, if it cannot be read. */
  file(name: SettingName): string | undefined {
    const path = this.text(name);
    if (path !== undefined) return this.fileAt(name, path);
    this.problem(name, "is empty.", "Give the path of a file, or remove the variable.");
  }

  /** Returns the text of a file that is named inside a variable; `undefined`, and a problem, if it cannot be read. */
  fileAt(name: SettingName, path: string): string | undefined {
    try {
      return this.#readFile(path);
    } catch (error) {
      this.problem(
        name,
        `the file ${shown(path)} cannot be read: ${(error as Error).message}.`,
        "Check the path and the permissions of the file.",
      );
    }
  }

  #notAllowed(name: SettingName, text: string, remedy: string): void {
    this.problem(name, `${shown(text)} is not allowed.`, remedy);
  }
}

/** Our own parser removes quotes around a whole value. */
const NO_QUOTES = "Leave out the quotes around the value: Docker takes them as a part of it.";

const TRUE_WORDS = ["true", "yes", "on", "1", "y"];
const FALSE_WORDS = ["false", "no", "off", "0", "n"];

/** Splits a text at its commas; white space around the parts and empty parts are dropped. */
export function commaSeparated(text: string): string[] {
  return text.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
}

/** Longer values are cut in messages. */
const MAX_SHOWN_LENGTH = 80;

/** Quotes a value that is no secret for a message: on one line, not too long. */
export function shown(value: string): string {
  return JSON.stringify(
    value.length > MAX_SHOWN_LENGTH ? `${value.slice(0, MAX_SHOWN_LENGTH)}…` : value,
  );
}

function exampleOf(name: SettingName): string {
  const { example, default: fallback } = settingOf(name);
  return example ?? fallback ?? "";
}
