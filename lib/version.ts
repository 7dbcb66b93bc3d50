import manifest from "../deno.json" with { type: "json" };

/** The program's version (https://semver.org). */
export const VERSION: string = manifest.version;
