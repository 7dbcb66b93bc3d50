/**
 * `docs/settings.md`, made from the table of settings.
 *
 * @module
 */
import { rangeText, type Setting } from "../lib/config/mod.ts";

const HEADER = `# Settings

<!-- Made from lib/config/settings/ by \`deno task docs\`. Changes here will be lost. -->

All settings are environment variables or lines of an env file. The program reads \`.env\` in its folder, or the file given
with \`--env-file\`. Environment variables take precedence over the file. Copy [.env.example](../.env.example): it has all
settings.

Put a value that contains \`#\`, \`$\` or double quotes in single quotes: \`NAME='value'\`.

If settings are wrong, the program prints every problem and its remedy at once, and exits with code 78 before it opens a
port. \`check\` goes further and tests certificates, ports, DNS and Microsoft's servers. Settings of the older Next.js proxy
keep their names and their meaning: see [Moving](moving.md).

Limits that are not listed here are fixed. A setting that no longer exists is ignored, with a warning at startup.
`;

/** Returns the text of the page. */
export function settingsDocument(settings: readonly Setting[]): string {
  const groups = Map.groupBy(settings, ({ group }) => group);
  const sections = [...groups].map(([group, members]) =>
    [`## ${group}`, ...members.map(entry)].join("\n\n")
  );
  return [HEADER.trimEnd(), ...sections].join("\n\n") + "\n";
}

function entry(setting: Setting): string {
  return [`### ${setting.name}`, escape(setting.meaning), facts(setting)].join("\n\n");
}

/** Returns the facts that people look up, one per line. */
function facts(setting: Setting): string {
  const { default: fallback, otherwise = "", range, choices, example } = setting;
  const items: [string, string | undefined][] = [
    ["Allowed", choices ? choices.map(code).join(", ") : range && rangeText(range)],
    ["Default", fallback === undefined ? escape(otherwise) : code(fallback)],
    ["Example", example && code(`${setting.name}=${example}`)],
  ];
  return items.flatMap(([name, text]) => text ? [`- ${name}: ${text}`] : []).join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Escapes plain text for Markdown. */
function escape(text: string): string {
  return text.replace(/[*[\]<>]/g, "\\$&");
}
