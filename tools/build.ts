/** Builds the pages into `_fresh/`. */
import { Builder } from "fresh/dev";

await new Builder().build();
