/**
 * Fuzzes parsers and whole sessions, starting from the inputs in `smtp/testdata/fuzz/`. An input that breaks a promise is
 * kept there, so that the tests try it from then on.
 *
 *     deno run -A tools/fuzz.ts [--seconds 60] [--seed 1] [command reply sasl proxy data header session]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { fuzz, FuzzFailure, loadCorpus, saveInput } from "../smtp/testing/fuzz.ts";
import { FUZZ_TARGETS } from "../smtp/testing/fuzz_targets.ts";

const DEFAULT_SECONDS = "60";

/** Fuzzes one target. @returns whether all promises were kept. */
async function run(name: string, seconds: number, seed: number): Promise<boolean> {
  const endMs = Date.now() + seconds * 1000;
  try {
    const count = await fuzz(
      FUZZ_TARGETS[name]!,
      loadCorpus(name),
      seed,
      () => Date.now() < endMs,
    );
    console.log(`${name}: ${count} inputs, all promises kept`);
    return true;
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error;
    const file = saveInput(name, error.input, `found_${seed}_${Date.now()}`);
    console.error(`${name}: a promise was broken by ${file}`, error.cause);
    return false;
  }
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: DEFAULT_SECONDS },
      seed: { type: "string", default: `${Date.now() % 1_000_000}` },
    },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(FUZZ_TARGETS);
  const unknown = names.filter((name) => !Object.hasOwn(FUZZ_TARGETS, name));
  if (unknown.length > 0) {
    console.error(`There is no target ${unknown}: choose from ${Object.keys(FUZZ_TARGETS)}.`);
    return EXIT.usage;
  }
  const seed = Number(values.seed);
  console.log(`seed ${seed}, ${values.seconds} s for each target`);
  let failed = false;
  for (const name of names) failed = !await run(name, Number(values.seconds), seed) || failed;
  return failed ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
