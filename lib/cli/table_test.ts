import assert from "node:assert/strict";
import { formatTable } from "./table.ts";

Deno.test("formatTable() gives each column the width of its widest cell, colours not counted", () => {
  const rows = [["NAME", "STATE", "END"], ["\x1b[32mé\x1b[39m", "ok", "x"], ["longer", "", "y"]];
  assert.deepEqual(formatTable(rows), [
    "NAME    STATE  END",
    "\x1b[32mé\x1b[39m       ok     x",
    "longer         y",
  ]);
});

Deno.test("S22: formatTable() lets no stranger's text move the cursor", () => {
  assert.deepEqual(formatTable([["a\x1b[2Jb\r\nc\u202ed"]]), ["a[2Jbcd"]);
});
