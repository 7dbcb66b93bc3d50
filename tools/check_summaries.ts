/**
 * Checks over the whole repository that summaries say what a thing is or does:
 *
 *     deno run --allow-read tools/check_summaries.ts
 *
 * Prints each summary that begins with "What", "Who" or "Whether", and exits with 1 if there is one. "Whether" is allowed
 * where the type is boolean.
 *
 * @module
 */
import { readSources, type SourceFile } from "./imports/sources.ts";

/** A comment and everything after it up to the next one. */
const COMMENT = /\/\*\*\s*(?:\*\s)?\s*(What|Who|Whether)\b/g;
const COMMENT_END = "*/";

/** A type at the end of a declaration's head, or the value of a field without one. */
const BOOLEAN_HEAD =
  /(?:(?::|=>)\s*(?:Promise<boolean>|boolean)(?:\s*\|\s*undefined)?|:\s*\w+ is .+|=\s*(?:true|false))$/;

const OPENING = "([{";
const CLOSING = ")]}";

/** Returns each summary with a forbidden first word, as `path:line: "word"`. */
export function checkSummaries(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(COMMENT)].flatMap(({ index, 1: word = "" }) => {
      const end = text.indexOf(COMMENT_END, index) + COMMENT_END.length;
      if (word === "Whether" && BOOLEAN_HEAD.test(headOf(text.slice(end)))) return [];
      const line = text.slice(0, index).split("\n").length;
      return [`${path}:${line}: a summary begins with "${word}"`];
    })
  );
}

/** Returns the head of the declaration that a text begins with: everything before its body or its end. */
function headOf(text: string): string {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (depth === 0 && (";,".includes(character) || character === "{")) {
      return text.slice(0, index).trimEnd();
    }
    if (OPENING.includes(character)) depth++;
    if (CLOSING.includes(character) && --depth < 0) return text.slice(0, index).trimEnd();
  }
  return text;
}

if (import.meta.main) {
  const files = await readSources();
  const faults = checkSummaries(files);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exit(1);
  console.log(`Checked the summaries of ${files.length} files`);
}
