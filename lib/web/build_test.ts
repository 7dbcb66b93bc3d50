import assert from "node:assert/strict";
import own from "../../deno.json" with { type: "json" };
import jsr from "../../deno.jsr.json" with { type: "json" };

/** The names that the two configurations give a meaning of their own. */
const DIFFERENT = /^(fresh|build)(\/|$)/;

function shared(imports: Record<string, string>) {
  return Object.fromEntries(Object.entries(imports).filter(([name]) => !DIFFERENT.test(name)));
}

Deno.test("deno.jsr.json is deno.json with Fresh from JSR", () => {
  assert.deepEqual(shared(jsr.imports), shared(own.imports));
  assert.deepEqual(Object.keys(jsr.imports).sort(), Object.keys(own.imports).sort());
  assert.deepEqual(jsr.compilerOptions, own.compilerOptions);
  assert.deepEqual([jsr.workspace, jsr.unstable], [own.workspace, own.unstable]);
  assert.notEqual(jsr.lock, own.lock);
});
