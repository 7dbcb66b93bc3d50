/**
 * The files of a project that a build takes: islands, routes and static files.
 *
 * @module
 */
import { extname, join } from "node:path";
import { hashOf } from "./bundle.ts";
import { encodeStep } from "./file_routes.ts";
import type { EncodedFile } from "./snapshot.ts";

/** Media types by file name extension; text is UTF-8. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".ico": "image/vnd.microsoft.icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};
/** Browsers offer to save such a file (RFC 2046 section 4.5.1). */
const UNKNOWN_TYPE = "application/octet-stream";

/** Files that editors and systems leave behind begin with a dot; `.well-known` is RFC 8615's. */
const HIDDEN = /^\.(?!well-known$)/;
/** Folders of parts; routes import them. */
const PARTS = /^\(_.*\)$/;
/** Fresh takes what lies there for islands. */
const ISLANDS_OF_ROUTES = "(_islands)";
const SOURCE = /(?<!_test)\.[jt]sx?$/;

/**
 * Finds the sources below a folder: routes or islands.
 *
 * @returns their paths from the folder, with slashes, sorted.
 * @throws {Error} for a folder of islands among routes.
 */
export async function sourcesBelow(directory: string): Promise<string[]> {
  const files = await filesBelow(directory, (name) => {
    if (name === ISLANDS_OF_ROUTES) throw new Error(`${name}: islands belong into islands/`);
    return !HIDDEN.test(name) && !PARTS.test(name);
  });
  return files.filter((file) => SOURCE.test(file));
}

/** Reads the static files. */
export async function staticFilesBelow(directory: string): Promise<EncodedFile[]> {
  const files = await filesBelow(directory, (name) => !HIDDEN.test(name));
  return await Promise.all(
    files.map(async (file) =>
      encodeFile(`/${encodeStep(file)}`, await Deno.readFile(join(directory, file)), {
        contentType: CONTENT_TYPES[extname(file).toLowerCase()] ?? UNKNOWN_TYPE,
        immutable: false,
      })
    ),
  );
}

/** Makes a file into a part of the generated module. */
export function encodeFile(
  path: string,
  bytes: Uint8Array,
  facts: Pick<EncodedFile, "contentType" | "immutable">,
): EncodedFile {
  return { path, ...facts, hash: hashOf(bytes), base64: bytes.toBase64() };
}

/** A folder that does not exist has no files. */
async function filesBelow(
  directory: string,
  isWanted: (name: string) => boolean,
): Promise<string[]> {
  const files: string[] = [];
  for (const { name, isDirectory } of await entriesOf(directory)) {
    if (!isWanted(name)) continue;
    if (!isDirectory) files.push(name);
    else {
      const inner = await filesBelow(join(directory, name), isWanted);
      files.push(...inner.map((file) => `${name}/${file}`));
    }
  }
  return files.sort();
}

async function entriesOf(directory: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(directory));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
