/**
 * Writes the icons that the pages use, from Lucide. Run it after a change of the list: `deno run -A tools/icons.ts`.
 * The package has thousands of icons; the program includes only these.
 *
 * @module
 */
const OUTPUT = "lib/components/icons.ts";

/** Names at https://lucide.dev/icons. */
const NAMES = [
  ...["activity", "book-open", "check", "circle-alert", "circle-check", "circle-x", "clock"],
  ...[
    "copy",
    "download",
    "key-round",
    "lock",
    "log-out",
    "menu",
    "printer",
    "refresh-cw",
    "search",
  ],
  ...["send", "settings", "triangle-alert", "unplug", "user"],
];

type Node = readonly [tag: string, attributes: Record<string, string>];

async function loadNodes(name: string): Promise<readonly Node[]> {
  const module: { default: { node: readonly Node[] } } = await import(
    `@lucide/icons/icons/${name}`
  );
  return module.default.node;
}

function exportName(name: string): string {
  return name.replace(/-(.)/g, (_match, letter: string) => letter.toUpperCase());
}

function declaration(name: string, nodes: readonly Node[]): string {
  const shapes = nodes.map(([tag, { key: _key, ...attributes }]) => [tag, attributes]);
  return `export const ${exportName(name)}: IconShapes = ${JSON.stringify(shapes)};\n`;
}

const declarations = await Promise.all(
  NAMES.map(async (name) => declaration(name, await loadNodes(name))),
);
await Deno.writeTextFile(
  OUTPUT,
  `/**
 * Icons of Lucide (https://lucide.dev, ISC License, © Lucide Contributors). Made by tools/icons.ts.
 *
 * @module
 */

/** The shapes of an icon of 24 × 24, drawn with strokes. */
export type IconShapes = readonly (readonly [tag: string, attributes: Record<string, string>])[];

${declarations.join("\n")}`,
);
await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", OUTPUT] }).output();
