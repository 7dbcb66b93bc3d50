import assert from "node:assert/strict";
import { ManualClock } from "../../lib/testing/manual_clock.ts";
import { Directory, mailboxOf } from "./directory.ts";
import { person, STAFF_NUMBER_PERSON } from "./people.ts";

const SALES = "sales@contoso.example";
const MINUTE_MS = 60_000;

Deno.test("Directory finds a mailbox by its addresses and by its owner's sign-in name", () => {
  const directory = new Directory();
  const { signInName, address, aliases, objectId } = STAFF_NUMBER_PERSON;
  for (const name of [signInName, address, ...aliases, address.toUpperCase()]) {
    assert.equal(directory.findMailbox(name)?.objectId, objectId, name);
  }
  assert.equal(directory.findMailbox(SALES)?.owner, undefined);
  assert.equal(directory.findMailbox("nobody@contoso.example"), undefined);
});

Deno.test("Directory.findOrCreatePerson() makes an account once, and its organisation", () => {
  const directory = new Directory();
  const made = directory.findOrCreatePerson("eve@northwind.example");
  assert.equal(directory.findOrCreatePerson("Eve@northwind.example"), made);
  assert.ok(directory.organisations.some(({ tenantId }) => tenantId === made.tenantId));
  assert.ok(directory.hasTenant(made.tenantId));
});

Deno.test("Directory.maySendAs() knows addresses, aliases and rights that have spread", async () => {
  const clock = new ManualClock(Date.now());
  const directory = new Directory({ clock });
  const office = mailboxOf(person("office@contoso.example"));
  assert.equal(directory.maySendAs(office, "OFFICE@contoso.example"), true);
  assert.equal(directory.maySendAs(office, SALES), false);
  directory.grant({ kind: "SendAs", trustee: office.address, mailbox: SALES }, 15 * MINUTE_MS);
  assert.equal(directory.maySendAs(office, SALES), false);
  await clock.advance(15 * MINUTE_MS);
  assert.equal(directory.maySendAs(office, SALES), true);
});

Deno.test("Directory.grant() rejects a mailbox that does not exist", () => {
  const right = { kind: "SendAs", trustee: SALES, mailbox: "no@contoso.example" } as const;
  assert.throws(() => new Directory().grant(right), /no@contoso\.example/);
});
