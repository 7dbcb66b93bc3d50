/** A short run of the fuzzer, the same each time; `tools/fuzz.ts` goes on for longer. */
import { fuzz, loadCorpus } from "../testing/fuzz.ts";
import { FUZZ_TARGETS } from "../testing/fuzz_targets.ts";

const SEED = 5321;
const INPUT_COUNTS: Readonly<Record<string, number>> = { session: 500 };
const DEFAULT_INPUT_COUNT = 1_000;

for (const [name, target] of Object.entries(FUZZ_TARGETS)) {
  const wanted = INPUT_COUNTS[name] ?? DEFAULT_INPUT_COUNT;
  Deno.test(`fuzz: ${name} keeps its promises for ${wanted} inputs`, async () => {
    await fuzz(target, loadCorpus(name), SEED, (count) => count < wanted);
  });
}
