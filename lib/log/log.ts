/**
 * The structured log: one line an event, without secrets.
 *
 * ```ts
 * const log = getLogger("smtp").with({ session: "5f3c" });
 * log.info("client connected", { address: "192.0.2.1" });
 * // 2026-11-22T15:44:22.123Z INFO    client connected session=5f3c address=192.0.2.1
 * ```
 *
 * Values belong in the properties, never in the message.
 *
 * @module
 */
import {
  compareLogLevel,
  configureSync,
  getLogger as getLogTapeLogger,
  type Logger,
} from "@logtape/logtape";
import { formatJson, formatText, type LineFormat } from "./format.ts";

export type { Logger };

/** The category above all of ours, so that other packages with the same library stay out of our log. */
const ROOT_CATEGORY = "proxy";

const FORMATS: Readonly<Record<"text" | "json", LineFormat>> = {
  text: formatText,
  json: formatJson,
};

/** The longest wait of a line for others. */
const LINE_DELAY_MS = 1;

/** Writes the lines of one moment together, since a write costs as much as making a line. */
export class LineWriter {
  readonly #write: (lines: string) => void;
  #waiting: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param write Takes lines, without the end of the last one. */
  constructor(write: (lines: string) => void) {
    this.#write = write;
  }

  /** Writes a line in a moment. */
  write(line: string): void {
    this.#waiting.push(line);
    this.#timer ??= setTimeout(() => this.flush(), LINE_DELAY_MS);
  }

  /** Writes the gathered lines now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#waiting;
    this.#waiting = [];
    if (lines.length > 0) this.#write(lines.join("\n"));
  }
}

const output = new LineWriter(console.log);
globalThis.addEventListener("unload", () => output.flush());

/** The options of the log. */
export interface LoggingOptions {
  readonly format: "text" | "json";
  /** The least important level that is written. */
  readonly level: "debug" | "info" | "warning" | "error";
  /**
   * Writes a line, given without its end. Default: to the standard output, at once if it is urgent (a warning or an error),
   * otherwise together with those of the same moment.
   */
  readonly write?: (line: string, urgent: boolean) => void;
}

/** Starts the log, or changes its options. Before the first call nothing is logged. */
export function configureLogging({ format, level, write = writeLine }: LoggingOptions): void {
  const formatLine = FORMATS[format];
  configureSync({
    reset: true,
    sinks: {
      lines: (record) => write(formatLine(record), compareLogLevel(record.level, "warning") >= 0),
    },
    loggers: [
      { category: ROOT_CATEGORY, sinks: ["lines"], lowestLevel: level },
      // The library's log about itself.
      { category: ["logtape", "meta"], sinks: [], lowestLevel: null },
    ],
  });
}

function writeLine(line: string, urgent: boolean): void {
  output.write(line);
  if (urgent) output.flush();
}

/** Returns the logger of a part of the program, such as `smtp`. Before {@linkcode configureLogging} it is silent. */
export function getLogger(category: string): Logger {
  return getLogTapeLogger([ROOT_CATEGORY, category]);
}
