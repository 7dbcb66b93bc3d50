import type { ComponentType } from "preact";

/** A file that the app serves. */
export interface SnapshotFile {
  readonly contentType: string;
  /** Of the content; safe in an address and in an ETag. */
  readonly hash: string;
  /** The address itself changes with the content. */
  readonly immutable: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** An island as the server knows it. */
export interface IslandEntry {
  readonly component: ComponentType<never>;
  /** Its name among the exports of its script. */
  readonly exportName: string;
  /** Path of its script. */
  readonly script: string;
}

/** A file of `routes/`: its path below that folder, and its exports. */
export interface RouteFile {
  readonly file: string;
  readonly module: object;
}

/** A build. The Builder writes it as a module, so that it travels inside an executable. */
export interface BuildSnapshot {
  /** Path of the script that wakes the islands. */
  readonly bootScript: string;
  /** Paths of the scripts that every page loads. */
  readonly everyPage: readonly string[];
  readonly islands: readonly IslandEntry[];
  readonly routes: readonly RouteFile[];
  /** By path, such as `/styles.css`, encoded as in an address. */
  readonly files: ReadonlyMap<string, SnapshotFile>;
}

/** A file of a generated module. */
export interface EncodedFile extends Omit<SnapshotFile, "bytes"> {
  readonly path: string;
  readonly base64: string;
}

/** A generated module's parts. */
export interface EncodedSnapshot extends Omit<BuildSnapshot, "islands" | "files"> {
  /** All functions that these modules export are islands. */
  readonly islands: readonly { readonly script: string; readonly module: object }[];
  readonly files: readonly EncodedFile[];
}

/** Puts a snapshot together from the parts of a generated module. */
export function createSnapshot({ islands, files, ...parts }: EncodedSnapshot): BuildSnapshot {
  return {
    ...parts,
    islands: islands.flatMap(({ script, module }) =>
      Object.entries(module)
        .filter(([, value]) => typeof value === "function")
        .map(([exportName, component]) => ({ component, exportName, script }))
    ),
    files: new Map(
      files.map(({ path, base64, ...file }) => [path, {
        ...file,
        bytes: Uint8Array.fromBase64(base64),
      }]),
    ),
  };
}

/**
 * Loads the module that the Builder has written.
 *
 * @param load Imports it: `() => import("…/_fresh/snapshot.ts")`, written out where it is called, so that tools find it.
 * @throws {Error} with the remedy, when there has been no build.
 */
export async function loadSnapshot(
  load: () => Promise<{ snapshot: BuildSnapshot }>,
): Promise<BuildSnapshot> {
  try {
    return (await load()).snapshot;
  } catch (cause) {
    throw new Error(
      "The scripts and styles of the web pages are missing: run `deno task build` first.",
      { cause },
    );
  }
}
