/**
 * Where settings come from: the environment and, below it, an env file.
 *
 * @module
 */
import type { Environment, FileReader } from "./reader.ts";

/** The env file that is read if no other is named. It may be missing. */
export const DEFAULT_ENV_FILE = ".env";

/**
 * Returns the variables; they take precedence over the lines of the env file.
 *
 * @param envFile The file that was named; `undefined`: {@linkcode DEFAULT_ENV_FILE}, if it exists.
 * @throws whatever `readFile` throws for a file that was named.
 */
export function readEnvironment(
  envFile: string | undefined,
  readFile: FileReader,
  variables: Environment,
): Environment {
  const defined = Object.entries(variables).filter(([, value]) => value !== undefined);
  return { ...readEnvFile(envFile, readFile), ...Object.fromEntries(defined) };
}

function readEnvFile(envFile: string | undefined, readFile: FileReader): Environment {
  try {
    return parseEnvFile(readFile(envFile ?? DEFAULT_ENV_FILE));
  } catch (error) {
    if (envFile === undefined && error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
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
  const assignments = text.replaceAll("\r\n", "\n").matchAll(ASSIGNMENT);
  return Object.fromEntries(
    [...assignments].map(([, name, single, double, backtick, plain]) => [
      name,
      single ?? double?.replaceAll("\\n", "\n") ?? backtick ?? plain?.trim(),
    ]),
  );
}
