import assert from "node:assert/strict";
import { checkHouse } from "./house.ts";

/** The faults of a house of these files, each with the specifiers that it imports. */
function faultsOf(files: Readonly<Record<string, readonly string[]>>): string[] {
  return checkHouse(
    Object.entries(files).map(([path, specifiers]) => ({
      path,
      text: specifiers.map((specifier) => `export * from "${specifier}";\n`).join(""),
    })),
  );
}

Deno.test("checkHouse() accepts rooms that see each other through doors", () => {
  assert.deepEqual(
    faultsOf({
      "lib/base/mod.ts": ["./clock.ts"],
      "lib/base/clock.ts": [],
      "lib/store/mod.ts": ["./store.ts", "./sqlite/sqlite_store.ts"],
      "lib/store/store.ts": ["../base/mod.ts"],
      "lib/store/sqlite/sqlite_store.ts": ["../store.ts"],
      "smtp/mod.ts": ["./session/mod.ts", "./backend.ts"],
      "smtp/backend.ts": [],
      "smtp/session/mod.ts": ["./session.ts"],
      "smtp/session/session.ts": ["../backend.ts", "node:net"],
      "main.ts": ["./smtp/mod.ts", "./lib/store/mod.ts"],
    }),
    [],
  );
});

Deno.test("checkHouse() finds an import past a door, the outermost one first", () => {
  const rooms = { "smtp/mod.ts": [], "smtp/net/mod.ts": [], "smtp/net/wire.ts": [] };
  assert.deepEqual(
    faultsOf({ ...rooms, "smtp/session/mod.ts": [], "smtp/session/a.ts": ["../net/wire.ts"] }),
    ['smtp/session/a.ts:1: "../net/wire.ts": import smtp/net/mod.ts, the door of the room'],
  );
  assert.deepEqual(faultsOf({ ...rooms, "main.ts": ["./smtp/net/mod.ts"] }), [
    'main.ts:1: "./smtp/net/mod.ts": import smtp/mod.ts, the door of the room',
  ]);
  assert.deepEqual(faultsOf({ ...rooms, "smtp/net/wire_test.ts": ["../mod.ts"] }), []);
});

Deno.test("checkHouse() finds circles of files and of folders", () => {
  assert.deepEqual(
    faultsOf({ "lib/a/mod.ts": ["./x.ts"], "lib/a/x.ts": ["./y.ts"], "lib/a/y.ts": ["./x.ts"] }),
    ["circle of files: lib/a/x.ts, lib/a/y.ts"],
  );
  assert.deepEqual(
    faultsOf({
      "lib/a/mod.ts": ["./one.ts"],
      "lib/a/one.ts": [],
      "lib/a/two.ts": ["../b/mod.ts"],
      "lib/b/mod.ts": ["./b.ts"],
      "lib/b/b.ts": ["../a/mod.ts"],
    }),
    ["circle of folders: lib/a, lib/b"],
  );
});

Deno.test("checkHouse() finds files out of place", () => {
  assert.deepEqual(
    faultsOf({ "lib/cli/mod.ts": [], "lib/cli/send.ts": [], "lib/cli/send/a.ts": [] }),
    [
      "lib/cli/send.ts: a folder has the same name: move the file into it",
    ],
  );
  assert.deepEqual(faultsOf({ "lib/clock.ts": [], "lib/a/x.ts": [] }), [
    "lib/clock.ts: lib holds rooms only: move the file into one",
    "lib/a: the room has no door: write lib/a/mod.ts",
  ]);
});
