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
  /** Which export of its script it is. */
  readonly exportName: string;
  /** Path of its script. */
  readonly script: string;
}

/** Everything that a build has made. The Builder writes it as a module, so that it travels inside an executable. */
export interface BuildSnapshot {
  /** Path of the script that wakes the islands. */
  readonly bootScript: string;
  readonly islands: readonly IslandEntry[];
  /** By path, such as `/styles.css`. */
  readonly files: ReadonlyMap<string, SnapshotFile>;
}

/** A file of a generated module. */
export interface EncodedFile extends Omit<SnapshotFile, "bytes"> {
  readonly path: string;
  readonly base64: string;
}

/** An island of a generated module: all functions that it exports. */
export interface IslandModule {
  readonly script: string;
  readonly module: Record<string, unknown>;
}

/** Puts a snapshot together from what a generated module holds. */
export function createSnapshot(
  bootScript: string,
  islands: readonly IslandModule[],
  files: readonly EncodedFile[],
): BuildSnapshot {
  return {
    bootScript,
    islands: islands.flatMap(islandEntries),
    files: new Map(
      files.map(({ path, base64, ...file }) => [path, {
        ...file,
        bytes: Uint8Array.fromBase64(base64),
      }]),
    ),
  };
}

function islandEntries({ script, module }: IslandModule): IslandEntry[] {
  return Object.entries(module)
    .filter(([, value]) => typeof value === "function")
    .map(([exportName, value]) => ({
      component: value as ComponentType<never>,
      exportName,
      script,
    }));
}

/**
 * Loads the module that the Builder has written.
 *
 * @param load Imports it: `() => import("./_fresh/snapshot.ts")`, written out where it is called, so that tools find it.
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
