import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { withDirectory } from "../testing.ts";
import { SqliteStore } from "./sqlite_store.ts";
import { MIGRATIONS } from "./migrations.ts";

const ACCOUNT = `
  INSERT INTO accounts (id, tenant_id, object_id, email, email_verified, display_name, client_id,
    state, state_since_ms, created_at_ms, signed_in_at_ms, refreshed_at_ms)
  VALUES ('a', 't', 'o', 'anna@example.com', 1, 'Anna', 'c', 'active', 1, 2, 3, 4);
  INSERT INTO tokens VALUES ('a', x'0102', 7);
  INSERT INTO app_passwords (id, account_id, hash, name, allowed_sender, imported, created_at_ms)
  VALUES ('p', 'a', x'03', 'printer', NULL, 0, 5), ('q', 'a', x'04', 'scanner', '*@example.com', 0, 6);
`;

const WITH_SIGN_IN_NAME = ACCOUNT
  .replace("object_id, email,", "object_id, sign_in_name, sign_in_name_confirmed, email,")
  .replace("'anna@example.com',", "'anna@example.com', 0, 'anna@example.com',");

/** The content of a database of each earlier version. Each new version adds a row. */
const CONTENT: Readonly<Record<number, string>> = {
  1: ACCOUNT,
  2: WITH_SIGN_IN_NAME,
  3: WITH_SIGN_IN_NAME,
  4: WITH_SIGN_IN_NAME,
  5: WITH_SIGN_IN_NAME,
  6: WITH_SIGN_IN_NAME,
  7: WITH_SIGN_IN_NAME,
  8: WITH_SIGN_IN_NAME,
  9: WITH_SIGN_IN_NAME,
  10: WITH_SIGN_IN_NAME,
  11: WITH_SIGN_IN_NAME,
  12: WITH_SIGN_IN_NAME,
  13: WITH_SIGN_IN_NAME,
  14: WITH_SIGN_IN_NAME,
};

for (let version = 1; version <= MIGRATIONS.length; version++) {
  Deno.test(`a database of version ${version} opens with everything in it`, () =>
    withDirectory(async (directory) => {
      const path = join(directory, "db.sqlite");
      build(path, version);
      const store = await SqliteStore.open(path);
      const account = await store.accounts.get("a");
      assert.equal(account?.email, "anna@example.com");
      assert.equal(account.signInName, "anna@example.com");
      assert.equal(account.signInNameConfirmed, false);
      assert.equal(account.refreshedAtMs, 4);
      assert.equal(account.appOnly, false);
      assert.deepEqual({ ...await store.tokens.get("a") }, {
        sealed: Uint8Array.of(1, 2),
        version: 7,
      });
      const found = await store.appPasswords.find([Uint8Array.of(3)]);
      assert.equal(found?.appPassword.id, "p");
      const rules = (await store.appPasswords.list("a")).map(({ allowedSender, forcedSender }) => ({
        allowedSender,
        forcedSender,
      }));
      assert.deepEqual(rules, [
        { allowedSender: undefined, forcedSender: false },
        { allowedSender: "*@example.com", forcedSender: false },
      ]);
      assert.equal((await store.appPasswords.get("p"))?.name, "printer");
      assert.equal(await store.accounts.delete("a"), true);
      assert.equal(await store.appPasswords.get("p"), undefined);
      assert.equal((await store.revocations.listAfter(0)).length, 3);
      await store.close();
      assert.equal(versionOf(path), MIGRATIONS.length);
    }));
}

Deno.test("a migration that fails leaves the database as it was", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "db.sqlite");
    const database = new DatabaseSync(path);
    // Something of ours, of version 0, in the way of the first step.
    database.exec("CREATE TABLE deliveries (x); PRAGMA application_id = 0x534d5450");
    database.close();
    await assert.rejects(SqliteStore.open(path), /already exists/);
    assert.equal(versionOf(path), 0);
    const after = new DatabaseSync(path);
    const names = after.prepare("SELECT name FROM sqlite_schema").all().map(({ name }) => name);
    after.close();
    assert.deepEqual(names, ["deliveries"]);
  }));

function build(path: string, version: number): void {
  const database = new DatabaseSync(path);
  MIGRATIONS.slice(0, version).forEach((step) => database.exec(step));
  database.exec(CONTENT[version]!);
  database.exec(`PRAGMA user_version = ${version}; PRAGMA application_id = 0x534d5450`);
  database.close();
}

function versionOf(path: string): number {
  const database = new DatabaseSync(path);
  const { user_version } = database.prepare("PRAGMA user_version").get()!;
  database.close();
  return Number(user_version);
}
