import assert from "node:assert/strict";
import { join } from "node:path";
import { findTests, longestFirst } from "./run_tests.ts";

Deno.test("findTests() tells files with hooks from those that may share an isolate", async () => {
  const folder = await Deno.makeTempDir();
  const file = (name: string) => join(folder, name);
  await Deno.mkdir(file("inner"));
  const hook = "beforeAll";
  await Deno.writeTextFile(file("hook_test.ts"), `Deno.test.${hook}(() => {});`);
  await Deno.writeTextFile(file("plain_test.ts"), "Deno.test('x', () => {});");
  await Deno.writeTextFile(file("inner/page_test.tsx"), "");
  await Deno.writeTextFile(file("testing.ts"), "");
  const { shared, own } = await findTests(folder);
  await Deno.remove(folder, { recursive: true });
  assert.deepEqual(shared.toSorted(), [file("inner/page_test.tsx"), file("plain_test.ts")]);
  assert.deepEqual(own, [file("hook_test.ts")]);
});

Deno.test("longestFirst() names files that exist, and begins with the longest", async () => {
  const { shared, own } = await findTests("test");
  const files = longestFirst([...shared, ...own]);
  assert.deepEqual(files.slice(0, 2), [
    "test/browser/pages_test.ts",
    "test/browser/organisation_test.ts",
  ]);
  assert.deepEqual(files.toSorted(), [...shared, ...own].toSorted());
});
