import manifest from "../../deno.json" with { type: "json" };

/** What the program calls itself. */
export const PROGRAM: string = manifest.name;

/** Its version (https://semver.org). */
export const VERSION: string = manifest.version;
