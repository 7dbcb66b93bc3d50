import assert from "node:assert/strict";
import { START_MS } from "../../store/testing.ts";
import { storeTest } from "./store_test_case.ts";

const HASH = Uint8Array.of(1, 2, 3);

storeTest(
  "take() uses a grant up: it works once, in time, and for its own kind",
  async ({ store: { adminGrants } }) => {
    const expiresAtMs = START_MS + 10;
    await adminGrants.add({ kind: "link", hash: HASH, expiresAtMs });
    assert.equal(await adminGrants.has("link", HASH, START_MS), true);
    assert.equal(await adminGrants.has("session", HASH, START_MS), false);
    assert.equal(await adminGrants.take("session", HASH, START_MS), false);
    assert.equal(await adminGrants.take("link", HASH, expiresAtMs), false);
    const taken = [1, 2].map(() => adminGrants.take("link", HASH, START_MS));
    assert.deepEqual(await Promise.all(taken), [true, false]);
    await adminGrants.add({ kind: "session", hash: HASH, expiresAtMs });
    assert.equal(await adminGrants.deleteExpired(START_MS), 0);
    assert.equal(await adminGrants.deleteExpired(expiresAtMs), 1);
  },
);

storeTest(
  "list() gives the audit trail, newest first, page by page and by a text",
  async ({ store: { audit } }) => {
    for (const [index, subject] of ["a@b.example", "c@d.example", "A@b.example"].entries()) {
      await audit.record({ atMs: START_MS + index, actor: "nora", action: "added", subject });
    }
    const all = await audit.list({ limit: 2 });
    assert.deepEqual(all.map(({ subject }) => subject), ["A@b.example", "c@d.example"]);
    const [last] = await audit.list({ limit: 2, beforeId: all[1]!.id });
    assert.deepEqual(
      { ...last },
      { id: 1, atMs: START_MS, actor: "nora", action: "added", subject: "a@b.example" },
    );
    assert.equal((await audit.list({ search: "a@B", limit: 9 })).length, 2);
    assert.equal((await audit.list({ action: "added", limit: 9 })).length, 3);
    assert.equal((await audit.list({ action: "add", limit: 9 })).length, 0);
    assert.equal(await audit.deleteBefore(START_MS + 2), 2);
    assert.equal((await audit.list({ limit: 9 })).length, 1);
  },
);

storeTest(
  "secretEnds keep the last end that was entered",
  async ({ store: { secretEnds } }) => {
    await secretEnds.set({ clientId: "app-2", endsAtMs: START_MS });
    await secretEnds.set({ clientId: "app-1", endsAtMs: START_MS });
    await secretEnds.set({ clientId: "app-2", endsAtMs: START_MS + 1 });
    assert.deepEqual((await secretEnds.list()).map((end) => ({ ...end })), [
      { clientId: "app-1", endsAtMs: START_MS },
      { clientId: "app-2", endsAtMs: START_MS + 1 },
    ]);
  },
);

storeTest(
  "an invitation is found until it is used up, has expired or is revoked",
  async ({ store: { invitations } }) => {
    const known = { createdAtMs: START_MS, expiresAtMs: START_MS + 10 };
    const counted = { ...known, id: "1", name: "Anna", usesLeft: 1 };
    const open = { ...known, id: "2", name: "Everybody", usesLeft: undefined };
    const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)];
    await invitations.add({ ...counted, hash: one });
    await invitations.add({ ...open, hash: two });
    assert.deepEqual((await invitations.list(START_MS)).map(({ id }) => id), ["1", "2"]);
    assert.deepEqual({ ...await invitations.find(one, START_MS) }, counted);
    const used = await Promise.all([1, 2].map(() => invitations.use(one, START_MS)));
    assert.deepEqual(used.map((found) => found?.name).sort(), ["Anna", undefined]);
    assert.equal(await invitations.find(one, START_MS), undefined);
    for (const _ of [1, 2]) assert.deepEqual({ ...await invitations.use(two, START_MS) }, open);
    assert.equal(await invitations.use(two, START_MS + 10), undefined);
    assert.equal(await invitations.find(Uint8Array.of(3), START_MS), undefined);
    assert.equal(await invitations.deleteExpired(START_MS), 1);
    assert.equal(await invitations.delete("2"), true);
    assert.equal(await invitations.delete("2"), false);
    assert.deepEqual(await invitations.list(START_MS), []);
  },
);
