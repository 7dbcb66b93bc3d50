import type { Environment } from "./reader.ts";

/**
 * An assignment: a value in quotes, which may span lines and is followed by nothing but a comment, or the rest of the line up
 * to a comment. So `"a","b"` is taken as it is.
 */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*(?:(?:'([^']*)'|"([^"]*)"|`([^`]*)`)(?=[ \t]*(?:#.*)?$)|([^#\n]*))/gm;

/**
 * Reads an env file, as dotenv and Node.js do. In double quotes `\n` is a line break; a later assignment wins.
 *
 * (`parseEnv()` of `node:util` would do, but the Deno that executables are made with may lack it.)
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
