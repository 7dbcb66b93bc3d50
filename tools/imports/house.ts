/**
 * Checks how the house is built: rooms have doors, nothing goes in a circle, and no file stands beside a folder of its name.
 *
 * @module
 */
import { dirname } from "node:path/posix";
import { findCircles } from "./circles.ts";
import { importsOf, isTestCode, type SourceFile } from "./sources.ts";

const DOOR = "mod.ts";
/** Fresh has three doors: for pages, for its builder, and for islands in a browser. */
const FRESH_DOORS: readonly string[] = [
  "lib/fresh/mod.ts",
  "lib/fresh/dev.ts",
  "lib/fresh/runtime.ts",
];

/** Returns every fault in how these files are laid out, in words that name the files. Test code is free. */
export function checkHouse(files: readonly SourceFile[]): string[] {
  const product = files.filter(({ path }) => !isTestCode(path));
  const paths = new Set(product.map(({ path }) => path));
  return [
    ...doorlessImports(product, paths),
    ...circles(product, paths),
    ...pairs(paths),
    ...outsideRooms(paths),
  ];
}

/** An import from outside a room goes through its door, and through that of the outermost room that it enters. */
function doorlessImports(files: readonly SourceFile[], paths: ReadonlySet<string>): string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap(({ line, specifier, target }) => {
      if (target === undefined || FRESH_DOORS.includes(target)) return [];
      const room = foldersOf(target).find((folder) =>
        paths.has(`${folder}/${DOOR}`) && !file.path.startsWith(`${folder}/`)
      );
      return room === undefined || target === `${room}/${DOOR}`
        ? []
        : [`${file.path}:${line}: "${specifier}": import ${room}/${DOOR}, the door of the room`];
    })
  );
}

function circles(files: readonly SourceFile[], paths: ReadonlySet<string>): string[] {
  const fileGraph = new Map<string, Set<string>>();
  const folderGraph = new Map<string, Set<string>>();
  for (const file of files) {
    const targets = importsOf(file).flatMap(({ target }) => target ?? [])
      .filter((target) => paths.has(target));
    fileGraph.set(file.path, new Set(targets));
    const folder = dirname(file.path);
    const neighbours = folderGraph.get(folder) ?? new Set();
    folderGraph.set(folder, neighbours);
    for (const target of targets.map(dirname)) {
      // A door shows what lies in the folders below it: that is its purpose, and no circle.
      const shows = file.path.endsWith(`/${DOOR}`) && target.startsWith(`${folder}/`);
      if (target !== folder && !shows) neighbours.add(target);
    }
  }
  return [
    ...findCircles(fileGraph).map((circle) => `circle of files: ${circle.join(", ")}`),
    ...findCircles(folderGraph).map((circle) => `circle of folders: ${circle.join(", ")}`),
  ];
}

function pairs(paths: ReadonlySet<string>): string[] {
  const folders = new Set([...paths].flatMap(foldersOf));
  return [...paths].flatMap((path) => {
    const name = path.replace(/\.tsx?$/, "");
    return /^(lib|smtp)\//.test(path) && folders.has(name)
      ? [`${path}: a folder has the same name: move the file into it`]
      : [];
  });
}

/** Finds files of `lib/` outside rooms, and rooms without a door. */
function outsideRooms(paths: ReadonlySet<string>): string[] {
  const rooms = new Set(
    [...paths].flatMap((path) => /^(?:lib|smtp)\/[^/]+(?=\/)/.exec(path) ?? []),
  );
  return [
    ...[...paths].filter((path) => /^lib\/[^/]+$/.test(path))
      .map((path) => `${path}: lib holds rooms only: move the file into one`),
    ...[...rooms].filter((room) => !paths.has(`${room}/${DOOR}`))
      .map((room) => `${room}: the room has no door: write ${room}/${DOOR}`),
  ];
}

/** The folders around a file, from the outermost one. */
function foldersOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}
