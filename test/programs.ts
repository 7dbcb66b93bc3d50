/**
 * Programs of others that tests need.
 *
 * @module
 */

/**
 * Returns the options of a test that needs a program: the test is skipped where the program is missing, except on a CI machine.
 *
 * @param args Arguments with which the program does nothing and succeeds.
 * @throws where it is missing on a CI machine.
 */
export function requireProgram(program: string, ...args: readonly string[]): { ignore: boolean } {
  const isMissing = !succeeds(program, args.length > 0 ? args : ["--version"]);
  if (isMissing && Deno.env.get("CI")) {
    throw new Error(`${program} is not installed, and the tests on a CI machine need it.`);
  }
  if (isMissing) console.warn(`Skipped, since ${[program, ...args].join(" ")} does not run.`);
  return { ignore: isMissing };
}

function succeeds(program: string, args: readonly string[]): boolean {
  try {
    const options: Deno.CommandOptions = { args: [...args], stdin: "null" };
    return new Deno.Command(program, options).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Options of a program, and its input. */
interface ProgramOptions extends Pick<Deno.CommandOptions, "cwd" | "env"> {
  readonly stdin?: string;
}

/** Runs a program to its end. @returns everything that it printed. */
export async function run(
  program: string,
  args: readonly string[],
  { stdin = "", ...options }: ProgramOptions = {},
): Promise<{ code: number; output: string }> {
  const child = new Deno.Command(program, {
    ...options,
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A program that needs no input may have ended before.
  await writer.write(new TextEncoder().encode(stdin)).catch(() => undefined);
  await writer.close().catch(() => undefined);
  const { code, stdout, stderr } = await child.output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}
