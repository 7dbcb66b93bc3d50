/**
 * The format of golden transcripts; `testdata/README.md` describes it.
 *
 * @module
 */
import { utf8Octets } from "../headers/text.ts";
import { latin1, octetsOf } from "../protocol/octets.ts";

const MARKERS = [
  "C:",
  "C+",
  "C~",
  "C*",
  "S:",
  "S+",
  "S*",
  "U>",
  "U+",
  "U=",
  "U<",
  "U~",
  "U*",
  "T:",
  "E:",
] as const;

/** The actor and the kind of a step. */
export type Marker = typeof MARKERS[number];

/** One line of a transcript. */
export interface Step {
  readonly marker: Marker;
  /** The text after the marker, as written. */
  readonly text: string;
  readonly lineNumber: number;
}

/** One conversation. */
export interface Transcript {
  readonly fileName: string;
  readonly title: string;
  readonly options: ReadonlyMap<string, string>;
  readonly steps: readonly Step[];
}

const TITLE = /^== (.+)$/;
const OPTION = /^([a-z][a-z-]+): (.+)$/;
const STEP = /^([A-Z].)(?: (.*))?$/;

/**
 * Parses a file of transcripts.
 *
 * @throws {SyntaxError} with file and line.
 */
export function parseTranscripts(fileName: string, content: string): Transcript[] {
  const transcripts: { title: string; options: Map<string, string>; steps: Step[] }[] = [];
  content.split("\n").forEach((line, index) => {
    const fail = (what: string) => {
      throw new SyntaxError(`${fileName}:${index + 1}: ${what}: ${line}`);
    };
    if (line === "" || line.startsWith("#")) return;
    const title = TITLE.exec(line)?.[1];
    if (title !== undefined) {
      transcripts.push({ title, options: new Map(), steps: [] });
      return;
    }
    const transcript = transcripts.at(-1) ?? fail("a transcript begins with == and a title");
    const [, option, value = ""] = OPTION.exec(line) ?? [];
    if (option !== undefined) {
      if (transcript.steps.length > 0) fail("options stand before the first step");
      transcript.options.set(option, value);
      return;
    }
    const [, marker, text = ""] = STEP.exec(line) ?? [];
    if (!isMarker(marker)) return fail("not a step");
    const before = transcript.steps.at(-1)?.marker;
    if (marker === "C+" && before !== "C:" && before !== "C+") fail("C+ stands behind C: or C+");
    transcript.steps.push({ marker, text, lineNumber: index + 1 });
  });
  return transcripts.map((transcript) => ({ fileName, ...transcript }));
}

function isMarker(text: string | undefined): text is Marker {
  return (MARKERS as readonly (string | undefined)[]).includes(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  r: "\r",
  n: "\n",
  t: "\t",
  0: "\0",
  "\\": "\\",
};

/** Returns the octets of a step's text. Fills in `{base64:…}` and `{repeat:n:…}`; escapes count only inside them. */
export function lineOctets(text: string): Uint8Array {
  return octetsOf(fillIn(utf8Octets(text)));
}

/** Returns the octets of a raw step's text: as {@linkcode lineOctets}, but escapes count everywhere. */
export function rawOctets(text: string): Uint8Array {
  return octetsOf(unescape(fillIn(utf8Octets(text))));
}

/** Describes octets as in a raw step. */
export function describeOctets(octets: Uint8Array): string {
  return latin1(octets)
    .replaceAll("\\", "\\\\")
    .replaceAll("\r", "\\r")
    .replaceAll("\n", "\\n")
    .replace(
      /[^ -~]/g,
      (octet) => `\\x${octet.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`,
    );
}

function fillIn(text: string): string {
  return text
    .replace(/\{repeat:(\d+):([^}]*)\}/g, (_, times, part) => unescape(part).repeat(Number(times)))
    .replace(/\{base64:([^}]*)\}/g, (_, part) => btoa(unescape(part)));
}

function unescape(text: string): string {
  return text.replace(/\\(?:x([0-9A-F]{2})|(.))/gi, (escape, code, character) => {
    if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
    const found = ESCAPES[character];
    if (found === undefined) throw new SyntaxError(`unknown escape ${escape}`);
    return found;
  });
}
