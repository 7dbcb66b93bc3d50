/**
 * The rooms in `docs/architecture.md`: a graph of their imports and a table of their purposes. The rest is written by hand.
 *
 * @module
 */
import { basename, dirname } from "node:path/posix";
import manifest from "../deno.json" with { type: "json" };
import { importsOf, isTestCode, readSources, type SourceFile } from "./imports/sources.ts";

const BEGIN =
  "<!-- Made from the doors of the rooms by `deno task docs`. Changes will be lost. -->";
const END = "<!-- End of the generated part. -->";

const DOOR = "mod.ts";
const ENTRY = "main.ts";

/** Rooms without a door, each with its purpose. */
const OPEN_ROOMS: Readonly<Record<string, string>> = {
  routes: "The web pages, one file a route.",
  islands: "The parts of the pages that run in browsers.",
};

/** A room of the program. */
interface Room {
  /** Its folder, or its file. */
  readonly name: string;
  /** The first sentence of its door. */
  readonly purpose: string;
  /** Names of the files beside its door. */
  readonly files: readonly string[];
  /** Names of the rooms that it imports. */
  readonly uses: readonly string[];
}

/** Returns the page with the rooms filled in. */
export async function architectureDocument(current: string): Promise<string> {
  const rooms = findRooms(await readSources());
  const [before] = current.split(BEGIN);
  const [, after] = current.split(END);
  if (before === undefined || after === undefined) {
    throw new Error(`There is no ${BEGIN} or ${END}`);
  }
  return [`${before}${BEGIN}`, graph(rooms), table(rooms), `${END}${after}`].join("\n\n");
}

/** Returns the rooms of a program, the entry point first and those that others need last. */
function findRooms(sources: readonly SourceFile[]): Room[] {
  const files = sources.filter(({ path }) => !isTestCode(path));
  const doors = new Map(
    files.filter(({ path }) => path.endsWith(`/${DOOR}`)).map(({ path, text }) =>
      [dirname(path), text] as const
    ),
  );
  const uses = new Map<string, Set<string>>();
  for (const file of files) {
    const room = roomOf(file.path, doors);
    if (room === undefined) continue;
    const used = uses.get(room) ?? new Set();
    uses.set(room, used);
    for (const target of targetsOf(file)) {
      const other = roomOf(target, doors);
      // A door shows the rooms inside it.
      if (other !== undefined && other !== room && !other.startsWith(`${room}/`)) used.add(other);
    }
  }
  const entry = files.find(({ path }) => path === ENTRY);
  const purpose = (name: string) =>
    OPEN_ROOMS[name] ?? firstSentence(name === ENTRY ? entry?.text : doors.get(name));
  return inOrder(uses).map((name) => ({
    name,
    purpose: purpose(name),
    files: files.flatMap(({ path }) =>
      dirname(path) === name && basename(path) !== DOOR ? [basename(path)] : []
    ),
    uses: [...uses.get(name)!].filter((other) => uses.has(other)).sort(),
  }));
}

/** Returns the innermost room of a file. */
function roomOf(path: string, doors: ReadonlyMap<string, string>): string | undefined {
  if (path === ENTRY) return path;
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    if (doors.has(folder) || Object.hasOwn(OPEN_ROOMS, folder)) return folder;
  }
}

/** Returns the files that a file imports, by their paths or by names of the import map. */
function targetsOf(file: SourceFile): string[] {
  const names: Readonly<Record<string, string>> = manifest.imports;
  return importsOf(file).flatMap(({ target, specifier }) =>
    target ?? (names[specifier]?.startsWith("./") ? names[specifier].slice("./".length) : [])
  );
}

function firstSentence(text = ""): string {
  const [, comment = ""] = /^\/\*\*\n([^]*?)\*\//.exec(text) ?? [];
  const prose = comment.replace(/^ \* ?/gm, "").replace(/\s+/g, " ").trim();
  return /^.*?\.(?= |$)/.exec(prose)?.[0] ?? prose;
}

/** Sorts rooms so that each comes before those that it uses; by name where either order would do. */
function inOrder(uses: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const names = [...uses.keys()].sort();
  const depth = new Map<string, number>();
  const visit = (name: string, level: number, above: readonly string[]): void => {
    if (above.includes(name) || (depth.get(name) ?? -1) >= level) return;
    depth.set(name, level);
    for (const next of uses.get(name) ?? []) visit(next, level + 1, [...above, name]);
  };
  for (const name of names) visit(name, 0, []);
  return names.toSorted((a, b) => depth.get(a)! - depth.get(b)!);
}

/** Returns the graph for Mermaid. An arrow that a longer way replaces is left out. */
function graph(rooms: readonly Room[]): string {
  const inner = rooms.filter(({ name }) => isInner(name, rooms));
  const outer = rooms.filter((room) => !inner.includes(room));
  return [
    "```mermaid",
    "flowchart TD",
    ...outer.map(({ name }) => `  ${idOf(name)}["${name}"]`),
    ...outer.flatMap(({ name, files }) => {
      const members = inner.filter((room) => dirname(room.name) === name);
      return members.length === 0 ? [] : [
        `  ${idOf(name)} -.-> ${idOf(`inside ${name}`)}`,
        `  subgraph ${idOf(`inside ${name}`)} ["inside ${name}"]`,
        ...members.map((room) => `    ${idOf(room.name)}["${room.name}"]`),
        `    ${idOf(`files of ${name}`)}["${files.join(", ")}"]`,
        "  end",
      ];
    }),
    ...rooms.flatMap((room) =>
      direct(room, rooms).map((other) => {
        // The rooms inside another one use its files, not its door.
        const target = dirname(room.name) === other ? `files of ${other}` : other;
        return `  ${idOf(room.name)} --> ${idOf(target)}`;
      })
    ),
    "```",
  ].join("\n");
}

function isInner(name: string, rooms: readonly Room[]): boolean {
  return rooms.some((room) => room.name === dirname(name));
}

function idOf(name: string): string {
  return name.replace(/\W/g, "_");
}

/** Returns the rooms that a room uses and reaches by no other way. */
function direct({ name, uses }: Room, rooms: readonly Room[]): readonly string[] {
  const byName = new Map(rooms.map((room) => [room.name, room]));
  const reached = new Set<string>();
  const walk = (from: string): void => {
    for (const next of byName.get(from)?.uses ?? []) {
      if (next === name || reached.has(next)) continue;
      reached.add(next);
      walk(next);
    }
  };
  for (const used of uses) walk(used);
  return uses.filter((used) => !reached.has(used));
}

function table(rooms: readonly Room[]): string {
  const rows = rooms.toSorted((a, b) => a.name < b.name ? -1 : 1).map(({ name, purpose }) => {
    const path = name === ENTRY || Object.hasOwn(OPEN_ROOMS, name) ? name : `${name}/${DOOR}`;
    return `| [\`${name}\`](../${path}) | ${purpose.replaceAll("|", "\\|")} |`;
  });
  return ["| room | purpose |", "| --- | --- |", ...rows].join("\n");
}
