import assert from "node:assert/strict";
import { checkSummaries } from "./check_summaries.ts";

/** Returns a summary. In this file itself a forbidden one would be found. */
function summary(text: string): string {
  return `/** ${text} */\n`;
}

function faultsOf(text: string): string[] {
  return checkSummaries([{ path: "a.ts", text }]);
}

const ALLOWED: Readonly<Record<string, string>> = {
  "a summary that says what a thing is": "/** The name. */\nconst name = 1;",
  "a word that only begins alike": "/** Whatever comes. */\nconst name = 1;",
  "the words further on": "/**\n * Says what it is.\n *\n * What else? Who knows.\n */",
  "an ordinary comment": "// What it is\nconst name = 1;",
  "a boolean member": "interface A {\n  /** Whether it is open. */\n  readonly open: boolean;\n}",
  "an optional boolean":
    "interface A {\n  /** Whether it is open. */\n  readonly open?: boolean;\n}",
  "a boolean method":
    "interface A {\n  /** Whether it is open. */\n  isOpen(port: number): boolean;\n}",
  "a boolean function":
    "/** Whether it is open. */\nexport function isOpen(\n  { port }: A,\n  host: string,\n): boolean {\n",
  "a promise of a boolean":
    "/** Whether it is open. */\nasync function isOpen(): Promise<boolean> {\n",
  "a type predicate": "/** Whether it is a port. */\nfunction isPort(a: unknown): a is Port {\n",
  "a function type":
    "type A = {\n  /** Whether it is open. */\n  isOpen: (port: number) => boolean;\n};",
  "a field with a boolean value": "class A {\n  /** Whether it is open. */\n  #open = false;\n}",
  "a parameter property":
    "constructor(\n  /** Whether it is open. */\n  readonly open: boolean,\n) {}",
};

for (const [name, text] of Object.entries(ALLOWED)) {
  Deno.test(`checkSummaries() allows ${name}`, () => assert.deepEqual(faultsOf(text), []));
}

const FORBIDDEN: readonly [text: string, line: number, word: string][] = [
  [`${summary("What it is.")}const name = 1;`, 1, "What"],
  ["\n\n/**\n * Who may enter.\n */\nfunction enter(): void {", 3, "Who"],
  [
    `${summary("Whether it is open, in words.")}function text(open: boolean): string {`,
    1,
    "Whether",
  ],
  [`${summary("Whether to open it.")}type Choice = { readonly open: boolean };`, 1, "Whether"],
];

for (const [text, line, word] of FORBIDDEN) {
  Deno.test(`checkSummaries() finds ${JSON.stringify(text)}`, () => {
    assert.deepEqual(faultsOf(text), [`a.ts:${line}: a summary begins with "${word}"`]);
  });
}
