import assert from "node:assert/strict";
import { LineWriter } from "./line_writer.ts";

Deno.test("LineWriter writes the lines of one moment together, without being asked", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const writer = new LineWriter(resolve);
  for (const line of ["a", "b", "c"]) writer.write(line);
  assert.equal(await promise, "a\nb\nc");
});

Deno.test("LineWriter.flush() writes what waits, once", () => {
  const written: string[] = [];
  const writer = new LineWriter((lines) => written.push(lines));
  writer.write("a");
  writer.write("b");
  writer.flush();
  writer.flush();
  writer.write("c");
  writer.flush();
  assert.deepEqual(written, ["a\nb", "c"]);
});

Deno.test("LineWriter goes on after each moment", async () => {
  const written: string[] = [];
  let next = Promise.withResolvers<void>();
  const writer = new LineWriter((lines) => {
    written.push(lines);
    next.resolve();
  });
  for (const line of ["a", "b"]) {
    next = Promise.withResolvers();
    writer.write(line);
    await next.promise;
  }
  assert.deepEqual(written, ["a", "b"]);
});
