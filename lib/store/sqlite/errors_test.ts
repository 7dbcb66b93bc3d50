import assert from "node:assert/strict";
import { StoreError, type StoreErrorKind } from "../store.ts";
import { toStoreError } from "./errors.ts";

const CASES: readonly (readonly [message: string, kind: StoreErrorKind])[] = [
  ["database is locked", "locked"],
  ["database table is locked", "locked"],
  ["database schema is locked: main", "locked"],
  ["database or disk is full", "full"],
  ["No space left on device (os error 28)", "full"],
  ["attempt to write a readonly database", "read-only"],
  ["Read-only file system (os error 30)", "read-only"],
  ["Permission denied (os error 13)", "read-only"],
  ["Operation not permitted (os error 1)", "read-only"],
  ['Requires write access to "data/db.sqlite", run again with the --allow-write flag', "read-only"],
  ["database disk image is malformed", "corrupt"],
  ["file is not a database", "corrupt"],
  ["UNIQUE constraint failed: accounts.short_name", "conflict"],
  ["disk I/O error", "other"],
];

for (const [message, kind] of CASES) {
  Deno.test(`D1: "${message.slice(0, 40)}" is ${kind}`, () => {
    const error = toStoreError("data/db.sqlite", new Error(message));
    assert.equal(error.kind, kind);
    assert.ok(error.message.includes("data/db.sqlite") && error.message.includes(message));
  });
}

Deno.test("toStoreError() leaves an explained error as it is", () => {
  const error = new StoreError("newer", "explained");
  assert.equal(toStoreError("x", error), error);
});
