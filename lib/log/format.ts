import type { LogRecord } from "@logtape/logtape";
import { type LogValue, redactProperties, redactText } from "./redact.ts";

/** Formats a log record as one line, without its end. */
export type LineFormat = (record: LogRecord) => string;

/** Formats for people: time, level, message, then `key=value` pairs. */
export const formatText: LineFormat = (record) => {
  const pairs = Object.entries(redactProperties(record.properties))
    .map(([name, value]) => `${name}=${textValue(value)}`);
  const level = record.level.toUpperCase().padEnd(LEVEL_WIDTH);
  return escapeControls([timeOf(record), level, messageOf(record), ...pairs].join(" "));
};

/** Formats for programs: one JSON object, whose time, level, category and message no property can replace. */
export const formatJson: LineFormat = (record) => {
  const own = {
    time: timeOf(record),
    level: record.level,
    category: record.category.join("."),
    message: messageOf(record),
  };
  return escapeControls(JSON.stringify({ ...own, ...redactProperties(record.properties), ...own }));
};

/** The length of `WARNING`. */
const LEVEL_WIDTH = 7;

function timeOf(record: LogRecord): string {
  return new Date(record.timestamp).toISOString();
}

function messageOf(record: LogRecord): string {
  const text = record.message
    .map((part) => typeof part === "string" ? part : textValue(redactProperties({ part })["part"]!))
    .join("");
  return redactText(text);
}

/** Returns a simple word unchanged, anything else as JSON. */
function textValue(value: LogValue): string {
  return typeof value === "string" && /^[^\s"=\p{C}]+$/u.test(value)
    ? value
    : JSON.stringify(value);
}

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
