/** Builds what browsers load into `_fresh/`. */
import { Builder } from "fresh/dev";

await new Builder().build();
