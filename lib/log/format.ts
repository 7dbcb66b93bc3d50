import type { LogRecord } from "@logtape/logtape";
import { type LogValue, redactProperties, redactText } from "./redact.ts";

/** Makes one line, without its end, of a log record. */
export type LineFormat = (record: LogRecord) => string;

/** For people: time, level, message, then `key=value` pairs. */
export const formatText: LineFormat = (record) => {
  const pairs = Object.entries(redactProperties(record.properties))
    .map(([name, value]) => `${name}=${textValue(value)}`);
  const level = record.level.toUpperCase().padEnd(LEVEL_WIDTH);
  return escapeControls([timeOf(record), level, messageOf(record), ...pairs].join(" "));
};

/** For programs: one JSON object. A property cannot take the place of the record's own time, level, category or message. */
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

/** A simple word as it is, anything else in JSON. */
function textValue(value: LogValue): string {
  return typeof value === "string" && /^[^\s"=\p{C}]+$/u.test(value)
    ? value
    : JSON.stringify(value);
}

/** Characters that control a terminal, end a line, or change the direction of writing. */
const CONTROLS = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Nearly every line. */
const PRINTABLE = /^[ -~]*$/;

/** Text on one line that does nothing to a terminal; inside a JSON string it means the same as before. */
function escapeControls(text: string): string {
  if (PRINTABLE.test(text)) return text;
  return text.replace(CONTROLS, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""));
}
