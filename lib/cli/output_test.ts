import assert from "node:assert/strict";
import { Output } from "./output.ts";

function createOutput(colours: boolean) {
  const lines: string[] = [];
  const errors: string[] = [];
  const write = (line: string) => lines.push(line);
  const output = new Output({ write, writeError: (line) => errors.push(line), colours });
  return { output, lines, errors };
}

Deno.test("Output prints for people until a program reads it", () => {
  const { output, lines } = createOutput(false);
  output.line("Hello");
  output.show({ a: 1 }, () => output.line("a is 1"));
  output.useJson();
  output.line("Hello");
  output.table(["A"], [["1"]]);
  output.show({ a: 1 }, () => output.line("a is 1"));
  assert.deepEqual(lines, ["Hello", "a is 1", '{\n  "a": 1\n}']);
});

Deno.test("Output leaves out facts that are not known", () => {
  const { output, lines } = createOutput(false);
  output.facts([["Name", "Anna"], ["Short name", undefined], ["Id", "1"]]);
  assert.deepEqual(lines, ["Name  Anna", "Id    1"]);
});

Deno.test("Output colours for a terminal only", () => {
  assert.equal(createOutput(false).output.paint("good", "ok"), "ok");
  assert.equal(createOutput(true).output.paint("good", "ok"), "\x1b[32mok\x1b[39m");
});

Deno.test("Output prints each line of an error", () => {
  const { output, errors } = createOutput(false);
  output.error("one\ntwo");
  assert.deepEqual(errors, ["one", "two"]);
});
