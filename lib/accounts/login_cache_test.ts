import assert from "node:assert/strict";
import type { AccountRecord, FoundAppPassword } from "../store/store.ts";
import { appPassword, signIn, START_MS } from "../store/testing.ts";
import { LoginCache } from "./login_cache.ts";

function found(accountId: string, id: string): FoundAppPassword {
  const account: AccountRecord = {
    ...signIn(),
    id: accountId,
    state: "active",
    stateSinceMs: START_MS,
    createdAtMs: START_MS,
    signedInAtMs: START_MS,
    refreshedAtMs: START_MS,
  };
  return { account, appPassword: appPassword(accountId, id), hash: Uint8Array.of(1) };
}

function hashes(number: number): Uint8Array[] {
  return [new Uint8Array(new Float64Array([number]).buffer), Uint8Array.of(1)];
}

Deno.test("LoginCache forgets an account, or one of its app passwords", () => {
  const cache = new LoginCache();
  const entries = [found("a", "p1"), found("a", "p2"), found("b", "p3")];
  entries.forEach((entry, index) => cache.set(hashes(index), entry));
  const known = () => entries.map((_, index) => cache.get(hashes(index))?.appPassword.id);
  assert.deepEqual(known(), ["p1", "p2", "p3"]);
  cache.forget("a", "p1");
  assert.deepEqual(known(), [undefined, "p2", "p3"]);
  cache.forget("a");
  assert.deepEqual(known(), [undefined, undefined, "p3"]);
  cache.delete(hashes(2));
  assert.deepEqual(known(), [undefined, undefined, undefined]);
});

Deno.test("LoginCache is bounded: what was not used for the longest time leaves first", () => {
  const cache = new LoginCache();
  const entry = found("a", "p1");
  for (let number = 0; number < 10_000; number++) cache.set(hashes(number), entry);
  cache.set(hashes(0), entry);
  cache.set(hashes(10_000), entry);
  assert.ok(cache.get(hashes(0)));
  assert.equal(cache.get(hashes(1)), undefined);
  assert.ok(cache.get(hashes(2)));
});
