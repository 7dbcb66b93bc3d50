/**
 * The structured log: one line an event, nothing secret in it.
 *
 * ```ts
 * const log = getLogger("smtp").with({ session: "5f3c" });
 * log.info("client connected", { address: "192.0.2.1" });
 * // 2026-11-22T15:44:22.123Z INFO    client connected session=5f3c address=192.0.2.1
 * ```
 *
 * What varies belongs into the properties, never into the message.
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
import { LineWriter } from "./line_writer.ts";

export type { Logger };

/** The category above all of ours; other packages that use the same library stay out of our log. */
const ROOT_CATEGORY = "proxy";

const FORMATS: Readonly<Record<"text" | "json", LineFormat>> = {
  text: formatText,
  json: formatJson,
};

const output = new LineWriter(console.log);
globalThis.addEventListener("unload", () => output.flush());

/** How the log is written. */
export interface LoggingOptions {
  readonly format: "text" | "json";
  /** The least important level that is written. */
  readonly level: "debug" | "info" | "warning" | "error";
  /**
   * Takes a line without its end, and whether something is wrong. By default lines go to the standard output: at once when
   * something is wrong, otherwise together with those of the same moment.
   */
  readonly write?: (line: string, urgent: boolean) => void;
}

/** Starts the log, or changes how it is written. Until the first call nothing is logged. */
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

/** The logger of a part of the program, such as `smtp`. Works before {@linkcode configureLogging} too, silently. */
export function getLogger(category: string): Logger {
  return getLogTapeLogger([ROOT_CATEGORY, category]);
}
