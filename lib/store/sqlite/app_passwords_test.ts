import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { withStore } from "../testing.ts";
import { FIND } from "./app_passwords.ts";

const SEALED = Uint8Array.of(1);

Deno.test("find() costs the same for any number of app passwords: it looks into one table, by its key", () =>
  withStore(({ path }) => {
    const database = new DatabaseSync(path, { readOnly: true });
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${FIND}`).all(SEALED);
    database.close();
    const details = plan.map(({ detail }) => detail);
    assert.deepEqual(details, ["SEARCH logins USING PRIMARY KEY (hash=?)"]);
    return Promise.resolve();
  }));
