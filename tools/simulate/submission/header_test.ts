import assert from "node:assert/strict";
import { ALIAS_PERSON, STAFF_NUMBER_PERSON } from "../people.ts";
import { fromAddresses, headerOf } from "./header.ts";
import { MESSAGE, SubmissionFixture } from "./testing.ts";

const FOREIGN = "boss@fabrikam.example";
const { signInName: MIRA, address: MIRAS_ADDRESS, aliases: [MIRAS_ALIAS] } = STAFF_NUMBER_PERSON;

function from(address: string): string {
  return `From: Somebody <${address}>\r\n${MESSAGE}`;
}

Deno.test("SubmissionServer takes the mailbox's address and aliases, in MAIL FROM and From", async () => {
  await using fixture = await SubmissionFixture.open();
  for (const own of [MIRAS_ADDRESS, MIRAS_ALIAS!, MIRAS_ADDRESS.toUpperCase()]) {
    const reply = await fixture.send({ user: MIRA, sender: own, content: from(own) });
    assert.match(reply, /^250 /, own);
  }
  const { signInName, address } = ALIAS_PERSON;
  for (const sender of [signInName, address]) {
    assert.match(await fixture.send({ user: signInName, sender }), /^250 /, sender);
  }
});

Deno.test("SubmissionServer refuses other senders after the message, personal and work accounts differently", async () => {
  await using fixture = await SubmissionFixture.open();
  const work = { user: MIRA, sender: MIRAS_ADDRESS };
  for (const mail of [{ ...work, sender: FOREIGN }, { ...work, content: from(FOREIGN) }]) {
    assert.match(
      await fixture.send(mail),
      /^554 5\.2\.252 SendAsDenied; mira\.novak@contoso\.example not allowed to send as boss@fabrikam\.example; STOREDRV\.Submission\.Exception:SendAsDeniedException\.MapiExceptionSendAsDenied; .*\[Hostname=\S+\]\r\n$/,
    );
  }
  assert.match(
    await fixture.send({ content: from(FOREIGN) }),
    /^554 5\.2\.0 STOREDRV\.Submission\.Exception:SendAsDeniedException\.MapiExceptionSendAsDenied; /,
  );
  // The sign-in name is no address of this mailbox.
  assert.match(await fixture.send({ user: MIRA }), /^554 5\.2\.252 /);
  assert.equal(fixture.server.store.received, 0);
});

Deno.test("SubmissionServer refuses other senders of BDAT as well", async () => {
  await using fixture = await SubmissionFixture.open();
  using client = await fixture.logIn(MIRA);
  await client.envelope(MIRAS_ADDRESS, ["a@example.com"]);
  const reply = await client.bdat(new TextEncoder().encode(from(FOREIGN)), 20);
  assert.match(reply, /^554 5\.2\.252 SendAsDenied; /);
});

Deno.test("SubmissionServer takes the address of a shared mailbox from whom it has the right", async () => {
  await using fixture = await SubmissionFixture.open();
  const sales = "sales@contoso.example";
  const mail = { user: MIRA, sender: sales, content: from(sales) };
  assert.match(await fixture.send(mail), /^250 /);
  assert.match(await fixture.send({ ...mail, user: "office@contoso.example" }), /^554 5\.2\.252 /);
  fixture.directory.revoke({ kind: "SendAs", trustee: MIRAS_ADDRESS, mailbox: sales });
  assert.match(await fixture.send(mail), /^554 5\.2\.252 /);
});

Deno.test("SubmissionServer refuses other senders at MAIL where that is configured", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.troubles.set({ tenant: "contoso.example" }, "sender-not-allowed-at-mail");
  using client = await fixture.logIn(MIRA);
  assert.match(
    await client.command(`MAIL FROM:<${FOREIGN}>`),
    /^550 5\.7\.60 SMTP; Client does not have permissions to send as this sender \[/,
  );
  assert.match(await client.command(`MAIL FROM:<${MIRAS_ADDRESS}>`), /^250 /);
  assert.match(await fixture.send({ user: MIRA, sender: MIRAS_ADDRESS }), /^250 /);
});

Deno.test("SubmissionServer takes the null sender, and looks at From alone", async () => {
  await using fixture = await SubmissionFixture.open();
  assert.match(await fixture.send({ sender: "" }), /^250 /);
  assert.match(await fixture.send({ sender: "", content: from(FOREIGN) }), /^554 /);
});

Deno.test("fromAddresses() finds every address of every From field of the header", () => {
  const cases: readonly (readonly [text: string, addresses: readonly string[]])[] = [
    ["Subject: x\r\n\r\nFrom: a@b.example\r\n", []],
    ["\r\nFrom: a@b.example\r\n", []],
    ["From: a@b.example", ["a@b.example"]],
    ['FROM : "A, B" <a@b.example>,\r\n\tc@d.example\r\n\r\n', ["a@b.example", "c@d.example"]],
    ["From: =?utf-8?q?=C3=A4?= <a@b.example>\r\nFrom: c@d.example\r\n\r\n", [
      "a@b.example",
      "c@d.example",
    ]],
    ["From: Group: a@b.example, c@d.example;\r\n\r\n", ["a@b.example", "c@d.example"]],
    ["X-From: a@b.example\r\n\r\n", []],
  ];
  for (const [text, addresses] of cases) {
    assert.deepEqual(fromAddresses(new TextEncoder().encode(text)), addresses, text);
  }
});

Deno.test("headerOf() ends before the first empty line", () => {
  const header = (text: string) =>
    new TextDecoder().decode(headerOf(new TextEncoder().encode(text)));
  assert.equal(header("A: b\r\n\r\nbody"), "A: b\r\n");
  assert.equal(header("\r\nbody"), "");
  assert.equal(header("A: b"), "A: b");
});
