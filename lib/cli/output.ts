/**
 * The output of the command line: text with colours and tables for people, JSON for programs.
 *
 * @module
 */
import { styleText } from "node:util";
import { formatTable } from "./table.ts";

/** The meaning of a piece of text. */
export type Tone = "good" | "warning" | "bad" | "faint" | "strong";

const STYLES = {
  good: "green",
  warning: "yellow",
  bad: "red",
  faint: "gray",
  strong: "bold",
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Destination of the output. */
interface OutputOptions {
  /** Prints a line of the result. */
  readonly write: (line: string) => void;
  /** Prints a line of an error. */
  readonly writeError: (line: string) => void;
  /** Whether a terminal shows the result. */
  readonly colours: boolean;
}

/** Prints results and errors. */
export class Output {
  readonly #options: OutputOptions;
  #json = false;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** Whether a program reads the result: then only {@linkcode Output.show} prints, as JSON. */
  get json(): boolean {
    return this.#json;
  }

  /** Switches to JSON. */
  useJson(): void {
    this.#json = true;
  }

  /** Prints a result: `value` as JSON for programs; for people, it calls `print`. */
  show(value: unknown, print: () => void): void {
    if (this.#json) this.#options.write(JSON.stringify(value, null, 2));
    else print();
  }

  /** Prints a line for people. */
  line(text = ""): void {
    if (!this.#json) this.#options.write(text);
  }

  /** Prints a table for people. */
  table(columns: readonly string[], rows: readonly (readonly string[])[]): void {
    const [header = "", ...lines] = formatTable([columns, ...rows]);
    this.line(this.paint("strong", header));
    for (const line of lines) this.line(line);
  }

  /** Prints facts for people, each after its name. */
  facts(facts: readonly (readonly [name: string, value: string | undefined])[]): void {
    const known = facts.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]);
    for (const line of formatTable(known)) this.line(line);
  }

  /** Prints an error. */
  error(text: string): void {
    for (const line of text.split("\n")) this.#options.writeError(line);
  }

  /** Colours a text, if colours are shown. */
  paint(tone: Tone, text: string): string {
    return this.#options.colours ? styleText(STYLES[tone], text, { validateStream: false }) : text;
  }
}
