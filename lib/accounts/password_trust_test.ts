import assert from "node:assert/strict";
import { Secrets } from "../crypto/mod.ts";
import { MINUTE_MS } from "../base/mod.ts";
import { type AppPasswordStore, type FoundAppPassword, StoreError } from "../store/mod.ts";
import { generatedSpelling } from "./app_passwords.ts";
import { PasswordLookup } from "./password_lookup.ts";

const PASSWORD = "7k3m-px9r-w4ta-h2qe";

Deno.test("R4: PasswordLookup knows found app passwords for a while after the database has gone", async () => {
  const secrets = new Secrets(["a secret of at least thirty-two characters"]);
  const [hash] = secrets.passwordHashes(generatedSpelling(PASSWORD));
  const known = { hash, account: { id: "a" }, appPassword: { id: "p" } } as FoundAppPassword;
  let [isAway, nowMs] = [false, 0];
  const find = () => {
    if (isAway) return Promise.reject(new StoreError("unavailable", "away"));
    return Promise.resolve(known);
  };
  const store = { find } as unknown as AppPasswordStore;
  const clock = { now: () => nowMs };
  const lookup = new PasswordLookup(store, secrets, clock, 10 * MINUTE_MS);
  await lookup.find(PASSWORD);
  isAway = true;
  nowMs = 5 * MINUTE_MS;
  lookup.noteAnswer();
  nowMs = 15 * MINUTE_MS - 1;
  assert.equal(await lookup.find(PASSWORD), known);
  nowMs = 15 * MINUTE_MS;
  await assert.rejects(lookup.find(PASSWORD), StoreError);
});
