/**
 * The loop of the fuzzer.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { FuzzTarget } from "./fuzz_targets.ts";
import { mutate, Random } from "./mutator.ts";

const CORPUS = new URL("../testdata/fuzz/", import.meta.url);

/** An input that broke a property. */
export class FuzzFailure extends Error {
  override readonly name = "FuzzFailure";

  constructor(readonly input: Uint8Array, options: ErrorOptions) {
    super(`${options.cause}`, options);
  }
}

/** Returns the inputs in the repository, in a fixed order. */
export function loadCorpus(target: string): Uint8Array[] {
  const names = [...Deno.readDirSync(corpusFolder(target))].map(({ name }) => name).toSorted();
  return names.map((name) => Deno.readFileSync(`${corpusFolder(target)}/${name}`));
}

/** Saves an input for future runs. @returns its file. */
export function saveInput(target: string, input: Uint8Array, name: string): string {
  const file = `${corpusFolder(target)}/${name}`;
  Deno.writeFileSync(file, input);
  return file;
}

function corpusFolder(target: string): string {
  return fileURLToPath(new URL(target, CORPUS));
}

/**
 * Tries the corpus, then mutated inputs, as long as `goOn` is true. Returns their number.
 *
 * @param goOn Called before each input with the number of inputs so far.
 * @throws {FuzzFailure}
 */
export async function fuzz(
  target: FuzzTarget,
  corpus: readonly Uint8Array[],
  seed: number,
  goOn: (count: number) => boolean,
): Promise<number> {
  const random = new Random(seed);
  let count = 0;
  for (; goOn(count); count++) {
    const input = corpus[count] ?? mutate(corpus, random);
    try {
      await target(input.slice(), random);
    } catch (cause) {
      throw new FuzzFailure(input, { cause });
    }
  }
  return count;
}
