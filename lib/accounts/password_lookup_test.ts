import assert from "node:assert/strict";
import type { FoundAppPassword } from "../store/store.ts";
import { signIn } from "../store/testing.ts";
import { LoginCache } from "./password_lookup.ts";

function found(accountId: string, id: string, hash: Uint8Array): FoundAppPassword {
  const account = {
    ...signIn(),
    isInvited: false,
    id: accountId,
    appOnly: false,
    state: "active",
  } as const;
  return { account, appPassword: { id, forcedSender: false }, hash };
}

function hashOf(number: number): Uint8Array {
  return new Uint8Array(new Float64Array([number]).buffer);
}

Deno.test("LoginCache forgets an account, or one of its app passwords", () => {
  const cache = new LoginCache();
  const owners = ["a", "a", "b"];
  owners.forEach((owner, index) => cache.set(found(owner, `p${index + 1}`, hashOf(index))));
  const known = () =>
    owners.map((_, index) => cache.get([hashOf(9), hashOf(index)])?.appPassword.id);
  assert.deepEqual(known(), ["p1", "p2", "p3"]);
  cache.forget("a", "p1");
  assert.deepEqual(known(), [undefined, "p2", "p3"]);
  cache.forget("a");
  assert.deepEqual(known(), [undefined, undefined, "p3"]);
  cache.delete([hashOf(9), hashOf(2)]);
  assert.deepEqual(known(), [undefined, undefined, undefined]);
});

Deno.test("LoginCache is bounded: what was not used for the longest time leaves first", () => {
  const cache = new LoginCache();
  const use = (number: number) => cache.set(found("a", "p1", hashOf(number)));
  for (let number = 0; number < 10_000; number++) use(number);
  use(0);
  use(10_000);
  assert.ok(cache.get([hashOf(0)]));
  assert.equal(cache.get([hashOf(1)]), undefined);
  assert.ok(cache.get([hashOf(2)]));
});
