/**
 * Property tests. They always have the same cases, so that a failure can be repeated.
 *
 * @module
 */
import * as fc from "fast-check";

const RUNS = { seed: 5321, numRuns: 1_000 };

/** Checks a property for many inputs. */
export function check<T>(
  inputs: fc.Arbitrary<T>,
  property: (input: T) => void | Promise<void>,
): Promise<void> {
  return fc.assert(fc.asyncProperty(inputs, async (input) => await property(input)), RUNS);
}

/** Octets, with many of those that matter to SMTP. */
export const messageOctets: fc.Arbitrary<Uint8Array> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(13, 10, 46) },
    { weight: 1, arbitrary: fc.constantFrom(0, 97, 255) },
    { weight: 1, arbitrary: fc.constant([13, 10]) },
    { weight: 1, arbitrary: fc.constant([13, 10, 46, 13, 10]) },
  ),
  { maxLength: 40 },
).map((parts) => Uint8Array.from(parts.flat()));

/** Lengths of the pieces of a stream. */
export const pieceLengths: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 6 }), {
  maxLength: 60,
});

/** Cuts octets into pieces of the given lengths; the rest is the last piece. */
export function cut(octets: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    if (at + length >= octets.length) break;
    pieces.push(octets.slice(at, at + length));
    at += length;
  }
  return [...pieces, octets.slice(at)];
}
