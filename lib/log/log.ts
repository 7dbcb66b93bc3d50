/**
 * The structured log: one line an event, without secrets.
 *
 * ```ts
 * const log = getLogger("smtp");
 * log.info("client connected", { session: "5f3c", address: "192.0.2.1" });
 * // 2026-11-22T15:44:22.123Z INFO    client connected session=5f3c address=192.0.2.1
 * ```
 *
 * Values belong in the properties, never in the message.
 *
 * @module
 */
import { formatJson, formatText, type LineFormat, type LogLevel } from "./format.ts";

/** The levels by importance. Those from `warning` on are urgent. */
const IMPORTANCE: Readonly<Record<LogLevel, number>> = {
  debug: 0,
  info: 1,
  warning: 2,
  error: 3,
  fatal: 4,
};

const FORMATS: Readonly<Record<"text" | "json", LineFormat>> = {
  text: formatText,
  json: formatJson,
};

/** The longest time that a line waits for others: too short to notice, and a busy server writes a hundred lines at once. */
const LINE_DELAY_MS = 25;

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
  readonly level: Exclude<LogLevel, "fatal">;
  /**
   * Writes a line, given without its end. Default: to the standard output, at once if it is urgent (a warning or an error),
   * otherwise together with those of the same moment.
   */
  readonly write?: (line: string, urgent: boolean) => void;
}

/** Before {@linkcode configureLogging}: silent. */
let sink = { least: Infinity, format: formatText, write: writeLine };

/** Starts the log, or changes its options. Before the first call nothing is logged. */
export function configureLogging({ format, level, write = writeLine }: LoggingOptions): void {
  sink = { least: IMPORTANCE[level], format: FORMATS[format], write };
}

function writeLine(line: string, urgent: boolean): void {
  output.write(line);
  if (urgent) output.flush();
}

/** Writes lines about one part of the program. Properties whose value is `undefined` are left out. */
export class Logger {
  /** @param category The part, such as `smtp`. */
  constructor(readonly category: string) {}

  debug(message: string, properties?: Properties): void {
    this.#log("debug", message, properties);
  }

  info(message: string, properties?: Properties): void {
    this.#log("info", message, properties);
  }

  warning(message: string, properties?: Properties): void {
    this.#log("warning", message, properties);
  }

  error(message: string, properties?: Properties): void {
    this.#log("error", message, properties);
  }

  fatal(message: string, properties?: Properties): void {
    this.#log("fatal", message, properties);
  }

  #log(level: LogLevel, message: string, properties: Properties = {}): void {
    if (IMPORTANCE[level] < sink.least) return;
    const line = sink.format({
      timeMs: Date.now(),
      level,
      category: this.category,
      message,
      properties,
    });
    try {
      sink.write(line, IMPORTANCE[level] >= IMPORTANCE.warning);
    } catch {
      // A log that cannot be written, such as on a full disk, must not stop mail, and there is no other place to report it.
    }
  }
}

/** Returns the logger of a part of the program, such as `smtp`. Before {@linkcode configureLogging} it is silent. */
export function getLogger(category: string): Logger {
  return new Logger(category);
}

type Properties = Readonly<Record<string, unknown>>;
