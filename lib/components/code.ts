import { h } from "preact";

/** Browsers break lines after hyphens, and would part `--user` or a file name in two. */
const HYPHENATED = /(\S*-\S*)/;

/** Lines of code, none of which ends within a word, unless the word is longer than a line. */
export function Code({ id, text }: { id?: string; text: string }) {
  const parts = text.split(HYPHENATED).map((part, index) =>
    index % 2 === 1 ? h("span", { key: index, class: "word" }, part) : part
  );
  return h("pre", { tabIndex: 0 }, h("code", { id }, parts));
}
