/** Builds the pages into `_fresh/`, and then the program with them into the folder `program` in there. */
import { Builder } from "fresh/dev";
import { bundleProgram, PROGRAM_FOLDER } from "./bundle.ts";

await new Builder().build();
await bundleProgram(PROGRAM_FOLDER, { split: true });
