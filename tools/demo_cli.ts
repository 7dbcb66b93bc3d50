/**
 * Runs a command of the program on the demo that was started last: `deno task demo:cli account list`.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { DEMO_DIRECTORY, DEMO_ENV_FILE } from "./simulate/demo.ts";

/** The files of a demo. */
interface DemoFiles {
  readonly envFile: string;
  /** PEM of the authority that issued its certificates. */
  readonly caFile: string;
}

/** Returns the files of the demo that was started last, if there is one. */
export async function latestDemo(parent = DEMO_DIRECTORY): Promise<DemoFiles | undefined> {
  const found: { envFile: string; startedMs: number }[] = [];
  try {
    for await (const { name } of Deno.readDir(parent)) {
      const envFile = join(parent, name, DEMO_ENV_FILE);
      const info = await Deno.stat(envFile).catch(() => undefined);
      if (info) found.push({ envFile, startedMs: info.mtime?.getTime() ?? 0 });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const [latest] = found.sort((a, b) => b.startedMs - a.startedMs);
  return latest && { envFile: latest.envFile, caFile: join(dirname(latest.envFile), "ca.pem") };
}

/** Runs the program with the settings of a demo. @returns its exit code. */
export async function runOnDemo(
  { envFile, caFile }: DemoFiles,
  args: readonly string[],
): Promise<number> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "main.ts", ...args, "--env-file", envFile],
    env: { DENO_CERT: caFile },
  }).spawn().status;
  return code;
}

if (import.meta.main) {
  const demo = await latestDemo();
  if (!demo) console.error("There is no demo. Start it in another terminal: deno task dev");
  Deno.exit(demo ? await runOnDemo(demo, Deno.args) : EXIT.config);
}
