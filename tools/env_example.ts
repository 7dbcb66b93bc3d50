/**
 * `.env.example`, made from the table of settings.
 *
 * @module
 */
import { rangeText, type Setting } from "../lib/config/mod.ts";

const LINE_WIDTH = 80;
const RULER = "#".repeat(LINE_WIDTH);

const HEADER =
  "All settings with their defaults. Copy this file to .env and remove the # in front of the settings that you change. " +
  "Settings without # are required, and so is at least one of SMTP_PORT, SMTP_TLS_PORT, SMTP_STARTTLS_PORT and " +
  "SMTP_AUTOTLS_PORT. Put a value that contains #, $ or double quotes in single quotes: NAME='value'";

/** Returns the text of `.env.example`. */
export function envExample(settings: readonly Setting[]): string {
  const groups = Map.groupBy(settings, ({ group }) => group);
  const sections = [...groups].map(([group, members]) =>
    [`${RULER}\n# ${group}`, ...members.map(entry)].join("\n\n")
  );
  return [comment(HEADER), ...sections].join("\n\n") + "\n";
}

/** Returns a setting as a comment and an assignment; only required settings take effect. */
function entry(setting: Setting): string {
  const { name, meaning, default: fallback, otherwise, example } = setting;
  const required = otherwise === "required";
  const assignment = `${required ? "" : "#"}${name}=${fallback ?? example}`;
  return [
    comment(meaning),
    comment(allowed(setting)),
    comment(required ? "Required." : `Default: ${fallback ?? otherwise}`),
    assignment,
  ].filter(Boolean).join("\n");
}

function allowed({ range, choices }: Setting): string {
  if (choices) return `One of: ${choices.join(", ")}.`;
  return range ? `Allowed: ${rangeText(range)}.` : "";
}

/** Returns text as comment lines, broken between words. */
function comment(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ").filter(Boolean)) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= LINE_WIDTH) lines[lines.length - 1] = longer;
    else lines.push(`# ${word}`);
  }
  return lines.join("\n");
}
