import assert from "node:assert/strict";
import { SecretError, Secrets } from "./secrets.ts";

const OLD = "an old secret of at least 32 characters";
const NEW = "a new secret of at least 32 characters.";
const TEXT = new TextEncoder().encode("refresh token");

function kindOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SecretError) return error.kind;
    throw error;
  }
  return "opened";
}

Deno.test("Secrets opens what it sealed", () => {
  const secrets = new Secrets([OLD]);
  const sealed = secrets.seal("tokens", "row 1", TEXT);
  const { plaintext, stale } = secrets.open("tokens", "row 1", sealed);
  assert.deepEqual(new Uint8Array(plaintext), TEXT);
  assert.equal(stale, false);
});

Deno.test("Secrets seals an empty text", () => {
  const secrets = new Secrets([OLD]);
  const sealed = secrets.seal("tokens", "row 1", new Uint8Array());
  assert.equal(secrets.open("tokens", "row 1", sealed).plaintext.length, 0);
});

Deno.test("K2: a sealed text shows nothing of its content and differs each time", () => {
  const secrets = new Secrets([OLD]);
  const first = secrets.seal("tokens", "row 1", TEXT);
  const second = secrets.seal("tokens", "row 1", TEXT);
  assert.notDeepEqual(first, second);
  assert.ok(!new TextDecoder("latin1").decode(first).includes("refresh"));
});

Deno.test("K2: a sealed text opens only in its own row and for its own purpose", () => {
  const secrets = new Secrets([OLD]);
  const sealed = secrets.seal("tokens", "row 1", TEXT);
  assert.equal(kindOf(() => secrets.open("tokens", "row 2", sealed)), "damaged");
  assert.equal(kindOf(() => secrets.open("cookie", "row 1", sealed)), "unknown-key");
});

Deno.test("K2: a change of any octet is noticed", () => {
  const secrets = new Secrets([OLD]);
  const sealed = secrets.seal("tokens", "row 1", TEXT);
  for (let index = 0; index < sealed.length; index++) {
    const changed = sealed.slice();
    changed[index]! ^= 1;
    assert.notEqual(kindOf(() => secrets.open("tokens", "row 1", changed)), "opened");
    assert.equal(
      kindOf(() => secrets.open("tokens", "row 1", sealed.subarray(0, index))),
      "damaged",
    );
  }
});

Deno.test("K3: after a rotation the old secret still opens, and says that it is old", () => {
  const sealed = new Secrets([OLD]).seal("tokens", "row 1", TEXT);
  const rotated = new Secrets([NEW, OLD]);
  assert.equal(rotated.open("tokens", "row 1", sealed).stale, true);
  const resealed = rotated.seal("tokens", "row 1", TEXT);
  assert.equal(new Secrets([NEW]).open("tokens", "row 1", resealed).stale, false);
});

Deno.test("K3: a secret that is not configured any more is a clear error", () => {
  const sealed = new Secrets([OLD]).seal("tokens", "row 1", TEXT);
  assert.throws(() => new Secrets([NEW]).open("tokens", "row 1", sealed), /SESSION_SECRET/);
  assert.equal(kindOf(() => new Secrets([NEW]).open("tokens", "row 1", sealed)), "unknown-key");
});

Deno.test("K3: passwords are hashed with each secret, the newest first", () => {
  const [newest, older] = new Secrets([NEW, OLD]).passwordHashes("abc");
  assert.deepEqual([newest], new Secrets([NEW]).passwordHashes("abc"));
  assert.deepEqual([older], new Secrets([OLD]).passwordHashes("abc"));
  assert.equal(newest.length, 32);
});

Deno.test("Secrets rejects an empty list", () => {
  assert.throws(() => new Secrets([]), TypeError);
});
