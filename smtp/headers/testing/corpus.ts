/**
 * Reads the corpus of headers in `testdata/`; its README.md describes the format.
 *
 * @module
 */
import { concat } from "../../protocol/octets.ts";
import { rawOctets } from "../../testing/transcript_format.ts";
import type { HeaderRules } from "../mod.ts";

/** A message as a program sends it, and its result. */
export interface Shape {
  /** File and title. */
  readonly name: string;
  readonly rules: HeaderRules;
  readonly input: Uint8Array;
  /** Missing if the message is refused. */
  readonly output?: Uint8Array;
  /** `forbidden From ceo@example.com`: the reason, the field and the addresses of the error. */
  readonly refused?: string;
  readonly changes: string;
  readonly repairs: string;
  readonly authors: readonly string[];
  readonly senders: readonly string[];
  readonly original?: string;
}

const FOLDER = new URL("../testdata/", import.meta.url);

/** The mailbox, unless a message names another. */
export const MAILBOX = "scans@contoso.example";
/** The values of missing fields. */
export const ADDED = { timeMs: Date.UTC(2025, 0, 2, 3, 4, 5), messageId: "new@contoso.example" };

/** Loads the messages of all files, in a fixed order. */
export function loadShapes(): Shape[] {
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name.endsWith(".txt")).toSorted();
  return files.flatMap((file) => {
    const text = Deno.readTextFileSync(new URL(file, FOLDER));
    return text.split(/^== /m).slice(1).map((shape) => parseShape(file, shape.split("\n")));
  });
}

function parseShape(file: string, [title = "", ...lines]: string[]): Shape {
  const of = (prefixes: string) =>
    lines.filter((line) => line !== "" && prefixes.includes(line[0]!)).map((line) => line.slice(1));
  const settings = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}: `)).map((line) => line.slice(key.length + 2));
  const refused = settings("refused")[0];
  return {
    name: `${file}: ${title}`,
    rules: rulesOf(settings("rule")[0], settings("mailbox")[0]),
    input: octetsOf(of("|-")),
    output: refused === undefined ? octetsOf(of("|+")) : undefined,
    refused,
    changes: settings("changes")[0] ?? "",
    repairs: settings("repairs")[0] ?? "",
    authors: settings("author"),
    senders: settings("sender"),
    original: settings("original")[0],
  };
}

/** Returns the rules of a message: `any`, `always`, or `only` with patterns of addresses. */
export function rulesOf(rule = "always", mailbox = MAILBOX): HeaderRules {
  const [kind, ...patterns] = rule.split(" ");
  const allowed = patterns.map((pattern) => pattern.split("*").map(RegExp.escape).join(".*"));
  const pattern = new RegExp(`^(?:${allowed.join("|")})$`, "iu");
  return {
    sender: kind === "only"
      ? { kind, allows: (address) => pattern.test(address) }
      : { kind: kind as "any" | "always" },
    mailbox,
    now: () => ADDED.timeMs,
    newMessageId: () => ADDED.messageId,
  };
}

function octetsOf(lines: readonly string[]): Uint8Array {
  return concat(...lines.map(lineOctets));
}

/** Returns the octets of a line with CR LF, or without it if the line ends with a backslash. */
function lineOctets(line: string): Uint8Array {
  const isUnended = /^(?:[^\\]|\\.)*\\$/.test(line);
  return rawOctets(isUnended ? line.slice(0, -1) : `${line}\\r\\n`);
}
