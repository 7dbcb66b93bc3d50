import assert from "node:assert/strict";
import { InputError } from "../accounts/mod.ts";
import { START_MS, withStore } from "../store/testing.ts";
import { Invitations } from "./mod.ts";

function withInvitations(test: (invitations: Invitations, clock: { ms: number }) => Promise<void>) {
  return withStore(({ store }) => {
    const clock = { ms: START_MS };
    return test(new Invitations(store.invitations, { now: () => clock.ms }), clock);
  });
}

const CHOICE = { name: " Anna ", days: "7", uses: "1" };

Deno.test("Invitations makes a link that admits as many as it says", () =>
  withInvitations(async (invitations) => {
    const { invitation, token } = await invitations.create(CHOICE);
    assert.equal(invitation.name, "Anna");
    assert.match(token, /^[\w-]{43}$/);
    assert.equal(await invitations.isOpen(token), true);
    assert.equal(await invitations.use(token), "Anna");
    assert.equal(await invitations.isOpen(token), false);
    assert.equal(await invitations.use(token), undefined);
    assert.deepEqual(await invitations.list(), []);
  }));

Deno.test("Invitations ends a link with its days, or when it is revoked", () =>
  withInvitations(async (invitations, clock) => {
    const { invitation, token } = await invitations.create({ ...CHOICE, uses: "" });
    const late = await invitations.create({ ...CHOICE, name: "Ben", days: "1" });
    for (const _ of [1, 2, 3]) assert.equal(await invitations.use(token), "Anna");
    clock.ms += 24 * 3_600_000;
    assert.equal(await invitations.use(late.token), undefined);
    assert.equal(await invitations.revoke(invitation.id), true);
    assert.equal(await invitations.use(token), undefined);
    assert.equal(await invitations.revoke(invitation.id), false);
  }));

Deno.test("Invitations rejects what makes no sense, and a form that is sent twice", () =>
  withInvitations(async (invitations) => {
    await invitations.create(CHOICE);
    const wrong = [{ name: "anna" }, { name: "" }, { days: "0" }, { days: "91" }, { uses: "x" }];
    for (const entered of wrong) {
      const choice = { ...CHOICE, name: "Ben", ...entered };
      await assert.rejects(invitations.create(choice), InputError, JSON.stringify(entered));
    }
    for (const token of ["", "x", "A".repeat(43)]) {
      assert.equal(await invitations.use(token), undefined);
    }
    assert.equal((await invitations.list()).length, 1);
  }));
