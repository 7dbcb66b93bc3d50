import manifest from "../../deno.json" with { type: "json" };

/** The name of the program. */
export const PROGRAM: string = manifest.name;

/** The version of the program (https://semver.org). */
export const VERSION: string = manifest.version;
