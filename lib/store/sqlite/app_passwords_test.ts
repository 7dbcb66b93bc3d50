import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { withStore } from "../testing.ts";
import { FIND } from "./app_passwords.ts";

const SEALED = Uint8Array.of(1);

Deno.test("find() costs the same for any number of app passwords: it uses indexes", () =>
  withStore(({ path }) => {
    const database = new DatabaseSync(path, { readOnly: true });
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${FIND}`).all(SEALED);
    database.close();
    assert.equal(plan.length, 2);
    assert.match(String(plan[0]!.detail), /^SEARCH app_passwords USING INDEX .*\(hash=\?\)$/);
    assert.match(String(plan[1]!.detail), /^SEARCH accounts USING INDEX .*\(id=\?\)$/);
    return Promise.resolve();
  }));
