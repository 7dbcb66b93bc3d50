/**
 * Looks for secrets in everything that a program has written, in all the ways in which they may be spelt.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** A secret that must not turn up. */
export interface Canary {
  /** Its kind; the only thing about it that is ever shown. */
  readonly kind: string;
  readonly value: string | Uint8Array;
}

/** Something that was written. */
export interface Place {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** A secret that has turned up. */
export interface Leak {
  readonly kind: string;
  readonly place: string;
  readonly encoding: string;
}

const BASE64_BITS = 6;
const OCTET_BITS = 8;

/** Each gives the spellings of one encoding, as latin1 text. The first that is found counts. */
const ENCODINGS: Readonly<Record<string, (value: Buffer) => readonly string[]>> = {
  "raw": (value) => [value.toString("latin1")],
  "base64": (value) => alignments(value, "base64"),
  "base64url": (value) => alignments(value, "base64url"),
  "hex": (value) => [value.toString("hex"), value.toString("hex").toUpperCase()],
  "URL-encoded": (value) => {
    const all = value.toString("hex").replace(/../g, "%$&");
    const text = value.toString();
    return [
      all,
      all.toUpperCase(),
      encodeURIComponent(text),
      new URLSearchParams({ _: text }).toString().slice("_=".length),
    ];
  },
  "JSON": (value) => [JSON.stringify(value.toString("latin1")).slice(1, -1)],
  "HTML": (value) => [escapeHtml(value.toString("latin1"))],
  "numbers": (value) => [value.join(","), value.join(", ")],
};

/** Looks for every secret in every place. What it returns names no secret's value. */
export function findLeaks(canaries: readonly Canary[], places: readonly Place[]): Leak[] {
  const contents = places.map(({ name, content }) => ({
    name,
    text: Buffer.from(content as string).toString("latin1"),
  }));
  return canaries.flatMap(({ kind, value }) => {
    const spellings = spellingsOf(Buffer.from(value as string));
    return contents.flatMap(({ name, text }) => {
      const found = spellings.find(([, spelling]) => text.includes(spelling));
      return found ? [{ kind, place: name, encoding: found[0] }] : [];
    });
  });
}

function spellingsOf(value: Buffer): readonly (readonly [encoding: string, spelling: string])[] {
  return Object.entries(ENCODINGS).flatMap(([encoding, encode]) =>
    encode(value).map((spelling) => [encoding, spelling] as const)
  );
}

/** Returns a value as it looks inside longer text in base64: it may begin at any of three positions of a group. */
function alignments(value: Buffer, encoding: "base64" | "base64url"): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), value]).toString(encoding);
    const start = Math.ceil(offset * OCTET_BITS / BASE64_BITS);
    return text.slice(start, Math.floor((offset + value.length) * OCTET_BITS / BASE64_BITS));
  });
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
