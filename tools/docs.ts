/**
 * Writes the documents that are generated from the code and its tables: `deno task docs`.
 *
 * @module
 */
import { DESCRIPTOR_VARIABLE } from "../lib/cli/mod.ts";
import { SETTINGS, VARIABLES } from "../lib/config/mod.ts";
import { envExample } from "./env_example.ts";
import { architectureDocument } from "./rooms_doc.ts";
import { securityDocument } from "./security_doc.ts";
import { settingsDocument } from "./settings_doc.ts";
import { troubleshootingDocument } from "./troubleshooting_doc.ts";

/** A file, and the function that makes its new text from its current one. */
type Made = readonly [path: string, make: (current: string) => string | Promise<string>];

/** All generated files. */
export const MADE: readonly Made[] = [
  [".env.example", () => envExample(SETTINGS)],
  ["docs/settings.md", () => settingsDocument(SETTINGS)],
  ["docs/troubleshooting.md", troubleshootingDocument],
  ["docs/security.md", securityDocument],
  ["docs/architecture.md", architectureDocument],
  ["deno.json", withSettingNames],
];

/** Returns the text that a file should have, formatted. */
export async function madeText([path, make]: Made): Promise<string> {
  return await format(path, await make(await Deno.readTextFile(path)));
}

/** Fills the permission set with every variable that the program may read. */
function withSettingNames(text: string): string {
  const manifest = JSON.parse(text);
  manifest.permissions.serve.env = [...VARIABLES, DESCRIPTOR_VARIABLE];
  return JSON.stringify(manifest, null, 2);
}

async function format(path: string, text: string): Promise<string> {
  const [, extension] = /\.(md|json)$/.exec(path) ?? [];
  if (extension === undefined) return text;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", extension, "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await output;
  if (!success) throw new Error(`${path} cannot be formatted`);
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  for (const made of MADE) await Deno.writeTextFile(made[0], await madeText(made));
}
