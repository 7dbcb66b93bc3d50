/**
 * The formats of log lines: text for people, JSON for programs.
 *
 * @module
 */
import { type LogValue, redactProperties, redactProperty, redactText } from "./redact.ts";

/** The importance of a line, least first. */
export type LogLevel = "debug" | "info" | "warning" | "error" | "fatal";

/** An event for the log. */
export interface LogRecord {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly level: LogLevel;
  /** The part of the program. */
  readonly category: string;
  readonly message: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Formats a log record as one line, without its end. */
export type LineFormat = (record: LogRecord) => string;

/** Formats for people: time, level, message, then `key=value` pairs. */
export const formatText: LineFormat = (record) => {
  let line = `${timeOf(record)} ${LEVELS[record.level]} ${redactText(record.message)}`;
  for (const name in record.properties) {
    const value = record.properties[name];
    if (value !== undefined) line += ` ${name}=${textValue(redactProperty(name, value))}`;
  }
  return escapeControls(line);
};

/** Formats for programs: one JSON object, whose time, level, category and message no property can replace. */
export const formatJson: LineFormat = (record) => {
  const own = {
    time: timeOf(record),
    level: record.level,
    category: `${ROOT_CATEGORY}.${record.category}`,
    message: redactText(record.message),
  };
  return escapeControls(JSON.stringify({ ...own, ...redactProperties(record.properties), ...own }));
};

/** The category above all of ours, for those who gather the logs of several programs. */
const ROOT_CATEGORY = "proxy";

/** In columns. */
const LEVELS: Readonly<Record<LogLevel, string>> = {
  debug: "DEBUG  ",
  info: "INFO   ",
  warning: "WARNING",
  error: "ERROR  ",
  fatal: "FATAL  ",
};

function timeOf(record: LogRecord): string {
  return new Date(record.timeMs).toISOString();
}

/** Returns a simple word unchanged, anything else as JSON. */
function textValue(value: LogValue): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && SIMPLE.test(value) ? value : JSON.stringify(value);
}

/** A word without quotes and equals signs, whose letters may be of any script. */
const SIMPLE = /^(?:[!#-<>-~]+|[^\s"=\p{C}]+)$/u;

/** Characters that control a terminal, end a line, or change the direction of text. */
const CONTROLS = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Nearly every line, which needs no escapes. */
const PRINTABLE = /^[ -~]*$/;

/** Escapes control characters, in a way that means the same inside a JSON string. */
function escapeControls(text: string): string {
  if (PRINTABLE.test(text)) return text;
  return text.replace(CONTROLS, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""));
}
