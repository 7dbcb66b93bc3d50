/**
 * The load generator and the sink in C, so that neither is what limits a measurement: `native/`.
 *
 * @module
 */
import { join } from "node:path";

/** Paths of the programs. */
export interface NativePrograms {
  readonly load: string;
  readonly sink: string;
}

const SOURCES = new URL("native/", import.meta.url).pathname;
const PROGRAMS = ["load", "sink"] as const;

/**
 * Compiles both programs.
 *
 * @returns undefined where no C compiler or no OpenSSL to compile against is there; the programs in TypeScript serve then.
 */
export async function compileNative(directory: string): Promise<NativePrograms | undefined> {
  const paths = { load: join(directory, "load"), sink: join(directory, "sink") };
  for (const name of PROGRAMS) {
    const source = join(SOURCES, `${name}.c`);
    const args = ["-O2", "-o", paths[name], source, "-lssl", "-lcrypto", "-lpthread"];
    if (!await succeeds("cc", args)) return undefined;
  }
  return paths;
}

async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  try {
    const { success, stderr } = await new Deno.Command(program, { args: [...args] }).output();
    if (!success) console.error(new TextDecoder().decode(stderr));
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
