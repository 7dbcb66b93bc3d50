import { parseTranscripts } from "../testing/transcript_format.ts";
import { testTranscripts } from "../testing/transcript.ts";

const folder = new URL("../testdata/", import.meta.url);

for (const { name } of Deno.readDirSync(folder)) {
  if (!name.endsWith(".smtp")) continue;
  testTranscripts(parseTranscripts(name, Deno.readTextFileSync(new URL(name, folder))));
}
