/**
 * Where the settings come from: the environment, and an env file under it.
 *
 * @module
 */
import { parseEnvFile } from "./env_file.ts";
import type { Environment, FileReader } from "./reader.ts";

/** Read when no other env file is named; it may be missing. */
export const DEFAULT_ENV_FILE = ".env";

/**
 * The variables, on top of the lines of an env file.
 *
 * @param envFile The file that was named; `undefined`: {@linkcode DEFAULT_ENV_FILE}, where it exists.
 * @throws what `readFile` throws, for a file that was named.
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
