/**
 * The sources of settings: the environment and an env file.
 *
 * @module
 */
import type { Environment, FileReader, Problem } from "./reader.ts";

/** The env file that is read if no other is named. It does not have to exist. */
export const DEFAULT_ENV_FILE = ".env";

/** The env files that are tried in this order. That of the older proxy has no dot. */
export const DEFAULT_ENV_FILES: readonly string[] = [DEFAULT_ENV_FILE, "env"];

/** An env file. */
interface EnvFile {
  readonly path: string;
  readonly text: string;
}

/** Settings as they were given. */
interface GivenSettings {
  readonly given: Environment;
  /** The env file; absent: there is none. */
  readonly file?: EnvFile;
}

/**
 * Reads the env file and returns all settings. Variables of the environment take precedence over lines of the file.
 *
 * @param envFile The file that was named; `undefined`: the first of {@linkcode DEFAULT_ENV_FILES} that exists.
 * @throws whatever `readFile` throws for a file that was named.
 */
export function readSettings(
  envFile: string | undefined,
  readFile: FileReader,
  variables: Environment,
): GivenSettings {
  const file = findEnvFile(envFile, readFile);
  const defined = Object.entries(variables).filter(([, value]) => value !== undefined);
  return { given: { ...parseEnvFile(file?.text ?? ""), ...Object.fromEntries(defined) }, file };
}

function findEnvFile(envFile: string | undefined, readFile: FileReader): EnvFile | undefined {
  if (envFile !== undefined) return { path: envFile, text: readFile(envFile) };
  for (const path of DEFAULT_ENV_FILES) {
    try {
      return { path, text: readFile(path) };
    } catch (error) {
      if (!isAbsent(error, path)) throw error;
    }
  }
}

/** Whether there is no such file. A folder `env` is a virtual environment of Python. */
function isAbsent(error: unknown, path: string): boolean {
  if (error instanceof Deno.errors.NotFound) return true;
  return path !== DEFAULT_ENV_FILE &&
    (error instanceof Deno.errors.IsADirectory || error instanceof Deno.errors.NotCapable);
}

/**
 * An assignment. A value in quotes may span lines and is followed by nothing but a comment; any other value extends to the
 * end of the line or to a comment, so the quotes in `"a","b"` belong to the value.
 */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*(?:(?:'([^']*)'|"([^"]*)"|`([^`]*)`)(?=[ \t]*(?:#.*)?$)|([^#\n]*))/gm;

/**
 * Parses an env file as dotenv and Node.js do: in double quotes `\n` is a line break; the last assignment wins.
 *
 * `parseEnv()` of `node:util` would turn `"a","b"`, a list whose entries are quoted, into `a","b`.
 */
export function parseEnvFile(text: string): Environment {
  const assignments = withUnixLines(text).matchAll(ASSIGNMENT);
  return Object.fromEntries(
    [...assignments].map(([, name, single, double, backtick, plain]) => [
      name,
      single ?? double?.replaceAll("\\n", "\n") ?? backtick ?? plain?.trim(),
    ]),
  );
}

/** Removes the byte order mark and the CR LF that editors on Windows write. */
function withUnixLines(text: string): string {
  return text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
}

/** Returns a warning for each line of an env file that is not an assignment, and for each name that is assigned twice. */
export function envFileDoubts({ path, text }: EnvFile): readonly Problem[] {
  const lines = withUnixLines(text);
  const names = Array.from(lines.matchAll(ASSIGNMENT), ([, name = ""]) => name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) < index));
  // Assignments are removed, but not their line ends, so that the lines keep their numbers.
  const rest = lines.replace(ASSIGNMENT, (match) => match.replace(/[^\n]/g, "")).split("\n");
  const ignored = rest.flatMap((line, index) => /^\s*(#|$)/.test(line) ? [] : [index + 1]);
  return [
    ...ignored.map((number) => ({
      variable: path,
      message: `Line ${number} of ${path} is ignored: it is not of the form NAME=value.`,
      remedy: "Correct it, or put a # in front.",
    })),
    ...Array.from(repeated, (variable) => ({
      variable,
      message: `${variable} is set twice in ${path}: the last line counts.`,
      remedy: "Remove the other one.",
    })),
  ];
}
