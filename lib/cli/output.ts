/**
 * What the command line prints: text with colours and tables for people, JSON for programs.
 *
 * @module
 */
import { styleText } from "node:util";
import { formatTable } from "./table.ts";

/** How a piece of text is meant. */
export type Tone = "good" | "warning" | "bad" | "faint" | "strong";

const STYLES = {
  good: "green",
  warning: "yellow",
  bad: "red",
  faint: "gray",
  strong: "bold",
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Where the lines go. */
export interface OutputOptions {
  /** Takes a line of the result. */
  readonly write: (line: string) => void;
  /** Takes a line of an error. */
  readonly writeError: (line: string) => void;
  /** Whether a terminal shows them. */
  readonly colours: boolean;
}

export class Output {
  readonly #options: OutputOptions;
  /** Whether a program reads the result: then {@linkcode Output.show} alone prints, and JSON. */
  #json = false;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  get json(): boolean {
    return this.#json;
  }

  /** From now on the result is JSON. */
  useJson(): void {
    this.#json = true;
  }

  /** Prints a result: as JSON for a program, or whatever `print` prints for people. */
  show(value: unknown, print: () => void): void {
    if (this.#json) this.#options.write(JSON.stringify(value, null, 2));
    else print();
  }

  /** A line for people. */
  line(text = ""): void {
    if (!this.#json) this.#options.write(text);
  }

  /** A table for people. */
  table(columns: readonly string[], rows: readonly (readonly string[])[]): void {
    const [header = "", ...lines] = formatTable([columns, ...rows]);
    this.line(this.paint("strong", header));
    for (const line of lines) this.line(line);
  }

  /** Facts with their names before them, for people. */
  facts(facts: readonly (readonly [name: string, value: string | undefined])[]): void {
    const known = facts.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]);
    for (const line of formatTable(known)) this.line(line);
  }

  error(text: string): void {
    for (const line of text.split("\n")) this.#options.writeError(line);
  }

  /** Colours a text, where colours are shown. */
  paint(tone: Tone, text: string): string {
    return this.#options.colours ? styleText(STYLES[tone], text, { validateStream: false }) : text;
  }
}
