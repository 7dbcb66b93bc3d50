/**
 * `docs/settings.md`, made of the table of settings.
 *
 * @module
 */
import { rangeText, type Setting } from "../lib/config/mod.ts";

const HEADER = `# Settings

<!-- Made of lib/config/settings/ by \`deno task docs\`. Changes here will be lost. -->

All settings are environment variables, or lines of an env file. The program reads \`.env\` in its folder, or the file that
\`--env-file\` names; a variable of the environment takes precedence over a line of the file. [.env.example](../.env.example)
has them all, ready to be copied.

Put a value that contains \`#\`, \`$\` or double quotes into single quotes: \`NAME='value'\`.

If something is wrong, the program prints every problem at once, with the remedy, and exits with the code 78 before it opens
a port. \`main.ts check\` looks further: at the certificate, the ports, the DNS, and at Microsoft. The settings of the older
Next.js proxy have kept their names and their meaning: see [moving.md](moving.md).
`;

/** The text of the page. */
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

/** What one looks up, one item a line. */
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

/** Plain text as Markdown. */
function escape(text: string): string {
  return text.replace(/[*[\]<>]/g, "\\$&");
}
