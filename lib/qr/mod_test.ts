import assert from "node:assert/strict";
import { qrCode } from "./mod.ts";

/** The modules of a code, as its path paints them: a line a row, `#` for a dark one. */
function modulesOf({ size, path }: { size: number; path: string }): string[] {
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => "."));
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    rows[Number(y)]!.fill("#", Number(x), Number(x) + Number(length));
  }
  return rows.map((row) => row.join(""));
}

const FINDER = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"];

Deno.test("qrCode() paints three finder patterns within a quiet zone of four modules", () => {
  const code = qrCode("https://example.com/");
  const modules = modulesOf(code);
  assert.equal(code.size, 25 + 8);
  const far = code.size - 4 - 7;
  for (const [x, y] of [[4, 4], [far, 4], [4, far]] as const) {
    assert.deepEqual(modules.slice(y, y + 7).map((row) => row.slice(x, x + 7)), FINDER);
  }
  assert.match(modules.slice(0, 4).join(""), /^\.+$/);
  assert.ok(modules.every((row) => row.startsWith("....") && row.endsWith("....")));
});

Deno.test("qrCode() differs with the text, and takes no endless one", () => {
  assert.notEqual(qrCode("a").path, qrCode("b").path);
  assert.throws(() => qrCode("x".repeat(3000)), RangeError);
});
