import assert from "node:assert/strict";
import type { Right } from "../directory.ts";
import { APPLICATION, SubmissionFixture } from "./testing.ts";

const SCANNER = "scanner@contoso.example";
const MINUTE_MS = 60_000;
const trustee = APPLICATION.applicationId;
const KNOWN: Right = { kind: "ServicePrincipal", trustee, tenant: "contoso.example" };
const FULL_ACCESS: Right = { kind: "FullAccess", trustee, mailbox: SCANNER };

Deno.test("an application's token opens the mailboxes that it has rights on", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.directory.grant(KNOWN);
  fixture.directory.grant(FULL_ACCESS);
  assert.match(await fixture.send({ user: SCANNER, token: "app" }), /^250 /);
  assert.equal(fixture.server.store.last.mailbox, SCANNER);
});

Deno.test("an application that Exchange does not know gets 535 5.7.3", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.directory.grant(FULL_ACCESS);
  assert.match(await fixture.authenticate(SCANNER, "app"), /^535 5\.7\.3 /);
});

Deno.test("an application without the consented permission, or in another organisation, gets 535 5.7.3", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.directory.grant(KNOWN);
  fixture.application = { ...APPLICATION, maySend: false };
  assert.match(await fixture.authenticate(SCANNER, "app"), /^535 5\.7\.3 /);
  fixture.application = APPLICATION;
  for (const name of ["alarm@fabrikam.example", "nora@outlook.example", "no@contoso.example"]) {
    assert.match(await fixture.authenticate(name, "app"), /^535 5\.7\.3 /, name);
  }
});

Deno.test("an application without rights on the mailbox gets 430 4.2.0 after the message, or 535 at AUTH", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.directory.grant(KNOWN);
  assert.match(
    await fixture.send({ user: SCANNER, token: "app" }),
    /^430 4\.2\.0 STOREDRV; mailbox logon failure; .*MapiExceptionLogonFailed/,
  );
  fixture.server.missingRightsShowAt = "auth";
  assert.match(await fixture.authenticate(SCANNER, "app"), /^535 5\.7\.3 /);
});

Deno.test("an application's rights take their time to spread", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.directory.grant(KNOWN, 15 * MINUTE_MS);
  fixture.directory.grant(FULL_ACCESS, 60 * MINUTE_MS);
  assert.match(await fixture.authenticate(SCANNER, "app"), /^535 5\.7\.3 /);
  await fixture.clock.advance(15 * MINUTE_MS);
  assert.match(await fixture.send({ user: SCANNER, token: "app" }), /^430 4\.2\.0 /);
  await fixture.clock.advance(45 * MINUTE_MS);
  assert.match(await fixture.send({ user: SCANNER, token: "app" }), /^250 /);
});

Deno.test("an application's mailbox may have SMTP AUTH off", async () => {
  await using fixture = await SubmissionFixture.open();
  fixture.directory.grant(KNOWN);
  fixture.troubles.set({ mailbox: SCANNER }, "smtp-auth-off-mailbox");
  assert.match(
    await fixture.authenticate(SCANNER, "app"),
    /^535 5\.7\.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox\. /,
  );
});

Deno.test("an application sends as another address with a right of its own", async () => {
  await using fixture = await SubmissionFixture.open();
  const sales = "sales@contoso.example";
  fixture.directory.grant(KNOWN);
  fixture.directory.grant(FULL_ACCESS);
  const mail = { user: SCANNER, token: "app", sender: sales };
  assert.match(await fixture.send(mail), /^554 5\.2\.252 /);
  fixture.directory.grant({ kind: "SendAs", trustee, mailbox: sales });
  assert.match(await fixture.send(mail), /^250 /);
});
