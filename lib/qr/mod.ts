/**
 * QR codes (ISO/IEC 18004) as vector shapes.
 *
 * @module
 */
import { encode } from "uqr";

/** A QR code, ready for `<svg viewBox="0 0 size size"><path d={path} /></svg>`. */
export interface QrCode {
  /** Width and height in modules, the quiet zone included. */
  readonly size: number;
  /** The dark modules as the data of an SVG path. */
  readonly path: string;
}

/** The light frame that readers need (ISO/IEC 18004 section 6.3.8), in modules. */
const QUIET_ZONE = 4;

/**
 * Returns the QR code of a text, with about 15 % of it restorable.
 *
 * @throws {RangeError} for a text longer than a code holds: 2,331 octets.
 */
export function qrCode(text: string): QrCode {
  const { size, data } = encode(text, { ecc: "M", border: QUIET_ZONE });
  const rows = data.map((row, y) =>
    runsOf(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`)
  );
  return { size, path: rows.flat().join("") };
}

/** Returns the dark modules of a row that stand side by side: where they begin, and how many. */
function runsOf(row: readonly boolean[]): readonly (readonly [start: number, length: number])[] {
  const text = row.map((dark) => dark ? "1" : "0").join("");
  return [...text.matchAll(/1+/g)].map((run) => [run.index, run[0].length] as const);
}
