import assert from "node:assert/strict";
import { SecretError, Secrets } from "../../crypto/mod.ts";
import { ValueVault } from "../../store/value_vault.ts";
import { storeTest } from "./store_test_case.ts";

const FORMER = "a secret of at least thirty-two characters";
const NEWER = "another secret of at least 32 characters";

storeTest("a value of the program is replaced by whoever knows the last one", async ({ store }) => {
  const values = new ValueVault(store, new Secrets([FORMER]));
  assert.equal(await values.load("token"), undefined);
  assert.equal(await values.replace("token", "later", 1), false);
  assert.equal(await values.replace("token", "first", 0), true);
  assert.equal(await values.replace("token", "also first", 0), false);
  assert.equal(await values.replace("token", "second", 1), true);
  assert.equal(await values.replace("token", "also second", 1), false);
  assert.deepEqual(await values.load("token"), { text: "second", version: 2 });
  assert.equal(await values.load("another"), undefined);
});

storeTest("a value of the program opens under its own name and secret alone", async ({ store }) => {
  const former = new ValueVault(store, new Secrets([FORMER]));
  await former.replace("token", "text", 0);
  const { sealed } = (await store.sealedValues.get("token"))!;
  assert.ok(!new TextDecoder("latin1").decode(sealed).includes("text"));
  await store.sealedValues.replace("moved", sealed, 0);
  await assert.rejects(former.load("moved"), SecretError);
  await assert.rejects(new ValueVault(store, new Secrets([NEWER])).load("token"), SecretError);

  const both = new ValueVault(store, new Secrets([NEWER, FORMER]));
  assert.deepEqual(await both.load("token"), { text: "text", version: 2 });
  const newer = new ValueVault(store, new Secrets([NEWER]));
  assert.deepEqual(await newer.load("token"), { text: "text", version: 2 });
});
