import { ListSyntaxError } from "./list_syntax.ts";
import type { Problem } from "./problem.ts";
import {
  type ChoiceName,
  type ChoiceOf,
  type DefaultName,
  type IntegerName,
  rangeText,
  type SettingName,
  settingOf,
} from "./settings.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a text file. Throws when that is not possible. */
export type FileReader = (path: string) => string;

/**
 * Reads settings and collects what is wrong with them. After a problem each method returns something usable, so that the
 * parser goes on and finds the others too.
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
    this.#problems.push({ variable, message, remedy });
  }

  /** The value without the white space around it; `undefined` when the variable is not defined. */
  raw(name: SettingName): string | undefined {
    return this.#env[name]?.trim();
  }

  /** The value; `undefined` when the variable is not defined or empty. */
  text(name: SettingName): string | undefined {
    return this.raw(name) || undefined;
  }

  /** The value, or the setting's default. */
  textOrDefault(name: DefaultName): string {
    return this.text(name) ?? settingOf(name).default!;
  }

  /** The value of a variable that has to be there; empty, and a problem, when it is not. */
  required(name: SettingName): string {
    return this.text(name) ?? this.#missing(name) ?? "";
  }

  /** The entries of a comma-separated list without quotes. */
  list(name: SettingName): string[] {
    return commaSeparated(this.text(name) ?? "");
  }

  /**
   * What a function makes of a list in the syntax of `list_syntax.ts`.
   *
   * @param options `required`: an empty list is a problem.
   */
  entries<T>(
    name: SettingName,
    parser: (value: string) => T[],
    options: { readonly required: boolean },
  ): T[] {
    try {
      const entries = parser(this.text(name) ?? "");
      if (entries.length === 0 && options.required) this.#missing(name);
      return entries;
    } catch (error) {
      if (!(error instanceof ListSyntaxError)) throw error;
      this.problem(name, `is not a list: ${error.message}.`, `It looks like ${exampleOf(name)}`);
      return [];
    }
  }

  /** The value as a whole number in the setting's range, or the setting's default. */
  integer(name: IntegerName & DefaultName): number {
    return this.optionalInteger(name) ?? Number(settingOf(name).default);
  }

  /** The value as a whole number in the setting's range; `undefined` when there is none. */
  optionalInteger(name: IntegerName): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const range = settingOf(name).range!;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= range.min && value <= range.max) return value;
    this.problem(
      name,
      `${shown(text)} is not allowed.`,
      `Give a whole number from ${rangeText(range)}.`,
    );
  }

  /** One of the words that the setting allows, or its default. */
  choice<Name extends ChoiceName>(name: Name): ChoiceOf<Name> {
    const { choices = [], default: fallback } = settingOf(name);
    const text = this.text(name)?.toLowerCase() ?? fallback!;
    if (choices.includes(text)) return text as ChoiceOf<Name>;
    this.problem(name, `${shown(text)} is not allowed.`, `Use one of: ${choices.join(", ")}.`);
    return fallback as ChoiceOf<Name>;
  }

  /** A truth value. */
  flag(name: SettingName, fallback: boolean): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return fallback;
    if (TRUE_WORDS.includes(text)) return true;
    if (FALSE_WORDS.includes(text)) return false;
    this.problem(name, `${shown(text)} is not allowed.`, "Use true or false.");
    return fallback;
  }

  /** The text of the file that the variable names; `undefined`, and a problem, when it cannot be read. */
  file(name: SettingName): string | undefined {
    const path = this.text(name);
    if (path === undefined) {
      this.problem(name, "is empty.", "Give the path of a file, or remove the variable.");
      return undefined;
    }
    try {
      return this.#readFile(path);
    } catch (error) {
      this.problem(
        name,
        `the file ${shown(path)} cannot be read: ${messageOf(error)}.`,
        "Check the path and who may read the file.",
      );
    }
  }

  #missing(name: SettingName): undefined {
    this.problem(name, "is required.", `Set it, for example ${name}=${exampleOf(name)}`);
  }
}

const TRUE_WORDS = ["true", "yes", "on", "1", "y"];
const FALSE_WORDS = ["false", "no", "off", "0", "n"];

/** The parts between commas, without white space around them and without empty ones. */
export function commaSeparated(text: string): string[] {
  return text.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
}

/** Values longer than this are cut in messages. */
const MAX_SHOWN_LENGTH = 80;

/** A value that is no secret, as messages show it: quoted, on one line, not too long. */
export function shown(value: string): string {
  return JSON.stringify(
    value.length > MAX_SHOWN_LENGTH ? `${value.slice(0, MAX_SHOWN_LENGTH)}…` : value,
  );
}

function exampleOf(name: SettingName): string {
  const { example, default: fallback } = settingOf(name);
  return example ?? fallback ?? "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
