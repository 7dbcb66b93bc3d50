import assert from "node:assert/strict";
import { createTransport } from "nodemailer";
import { SmtpClient } from "../smtp_client.ts";
import { STAFF_NUMBER_PERSON } from "./people.ts";
import { MESSAGE, NORA, SubmissionFixture } from "./submission/testing.ts";

/** As Microsoft's servers end many of their replies. */
const TRACE = /\[\S+ \d{4}-\d\d-\d\dT[\d:.]+Z [\dA-F]{16}\]\r\n$/;

async function sendByNodemailer({ server, ca }: SubmissionFixture) {
  const transport = createTransport({
    host: "localhost",
    port: server.port,
    requireTLS: true,
    tls: { ca },
    auth: { type: "OAuth2", user: NORA, accessToken: NORA },
  });
  try {
    const envelope = { from: NORA, to: ["a@example.com", "hidden@example.com"] };
    return await transport.sendMail({ envelope, raw: new TextEncoder().encode(MESSAGE) as never });
  } finally {
    transport.close();
  }
}

Deno.test("SubmissionServer keeps the octets and the envelope of a message", async () => {
  await using fixture = await SubmissionFixture.open();
  await sendByNodemailer(fixture);
  const { mailbox, username, sender, recipients, content, number } = fixture.server.store.last;
  assert.equal(number, 1);
  assert.equal(mailbox, NORA);
  assert.equal(username, NORA);
  assert.equal(sender.address, NORA);
  assert.deepEqual(recipients.map(({ address }) => address), [
    "a@example.com",
    "hidden@example.com",
  ]);
  assert.equal(new TextDecoder().decode(content), MESSAGE);
});

Deno.test("SubmissionServer announces what Microsoft announces", async () => {
  await using fixture = await SubmissionFixture.open();
  using client = await fixture.connect();
  const features = (await client.command("EHLO client.example")).split("\r\n").slice(1, -1);
  assert.deepEqual(features.map((line) => line.slice(4)).toSorted(), [
    "8BITMIME",
    "AUTH LOGIN XOAUTH2",
    "BINARYMIME",
    "CHUNKING",
    "DSN",
    "ENHANCEDSTATUSCODES",
    "PIPELINING",
    "SIZE 157286400",
    "SMTPUTF8",
  ]);
});

Deno.test("SubmissionServer takes BDAT in chunks, pipelined or not", async () => {
  await using fixture = await SubmissionFixture.open();
  using client = await fixture.logIn();
  const begin = async () => {
    await client.envelope(NORA, ["a@example.com"], " BODY=BINARYMIME");
    await client.write("BDAT 6\r\none\r\n.");
    assert.match(await client.reply(), /^250 /);
  };
  const { store } = fixture.server;

  await begin();
  await client.write("BDAT 3\r\n\r\n.BDAT 2 LAST\r\n\r\n");
  assert.match(await client.reply(), /^250 /);
  assert.match(await client.reply(), /^250 /);
  assert.equal(new TextDecoder().decode(store.last.content), "one\r\n.\r\n.\r\n");

  await begin();
  assert.match(await client.command("RSET"), /^250 /);
  await begin();
  assert.match(await client.command("BDAT 0 LAST"), /^250 /);
  assert.equal(new TextDecoder().decode(store.last.content), "one\r\n.");
  assert.equal(store.received, 2);
});

Deno.test("SubmissionServer refuses a wrong token, in both forms", async () => {
  await using fixture = await SubmissionFixture.open();
  const refused = await fixture.authenticate(NORA, "wrong");
  assert.match(refused, /^535 5\.7\.3 Authentication unsuccessful \[/);
  assert.match(refused, TRACE);

  fixture.server.badTokenRefusal = "challenge";
  using client = await fixture.connect();
  const credentials = btoa(`user=${NORA}\x01auth=Bearer wrong\x01\x01`);
  assert.match(await client.command(`AUTH XOAUTH2 ${credentials}`), /^334 /);
  assert.match(await client.command(""), /^535 5\.7\.3 Authentication unsuccessful\r\n/);

  fixture.server.refusal = "concurrency";
  assert.match(await fixture.authenticate(NORA), /^432 4\.3\.2 Concurrent connections limit/);
});

Deno.test("SubmissionServer takes a person's sign-in name and no other name", async () => {
  await using fixture = await SubmissionFixture.open();
  const { signInName, address, aliases } = STAFF_NUMBER_PERSON;
  for (const name of [address, ...aliases, "office@contoso.example", "sales@contoso.example"]) {
    assert.match(await fixture.authenticate(name, signInName), /^535 5\.7\.3 /, name);
  }
  assert.match(await fixture.authenticate(signInName.toUpperCase(), signInName), /^235 2\.7\.0 /);
  await fixture.send({ user: signInName, sender: address });
  const { mailbox, username } = fixture.server.store.last;
  assert.deepEqual([mailbox, username], [address, signInName]);
});

Deno.test("SubmissionServer takes no passwords", async () => {
  await using fixture = await SubmissionFixture.open();
  using client = await fixture.connect();
  assert.match(await client.command(`AUTH LOGIN ${btoa(NORA)}`), /^334 /);
  assert.match(await client.command(btoa("password")), /^535 5\.7\.139 .*basic authentication/);
});

Deno.test("SubmissionServer speaks Microsoft's words for malformed sign-ins", async () => {
  await using fixture = await SubmissionFixture.open();
  using client = await fixture.connect();
  assert.match(await client.command(`MAIL FROM:<${NORA}>`), /^530 5\.7\.57 /);
  assert.match(await client.command("AUTH PLAIN AAAA"), /^504 5\.7\.4 /);
  assert.match(await client.command("AUTH XOAUTH2 AAAA"), /^501 5\.5\.124 /);
});

Deno.test("SubmissionServer wants a domain or an address literal in EHLO", async () => {
  await using fixture = await SubmissionFixture.open();
  using client = await fixture.connect();
  for (const name of ["MY_PC", "a..b", "-a.example", "[300.1.1.1]", "a b"]) {
    assert.match(await client.command(`EHLO ${name}`), /^501 5\.5\.4 Invalid domain name/, name);
  }
  using another = await fixture.connect();
  for (const name of ["client.example", "localhost", "[127.0.0.1]", "[IPv6:::1]"]) {
    assert.match(await another.command(`EHLO ${name}`), /^250-/, name);
  }
});

Deno.test("SubmissionServer offers AUTH only after STARTTLS", async () => {
  await using fixture = await SubmissionFixture.open();
  using client = await SmtpClient.connect({ port: fixture.server.port });
  const features = await client.hello();
  assert.match(features, /^250.STARTTLS\r$/m);
  assert.doesNotMatch(features, /AUTH/);
});

Deno.test("SubmissionServer stops with open sessions and restarts on its port", async () => {
  await using fixture = await SubmissionFixture.open();
  const { port } = fixture.server;
  using idle = await Deno.connect({ hostname: "localhost", port });
  await idle.read(new Uint8Array(512));
  await fixture.server.stop();
  await assert.rejects(sendByNodemailer(fixture), { code: "ESOCKET" });
  await fixture.server.restart();
  await sendByNodemailer(fixture);
  assert.equal(fixture.server.port, port);
  assert.equal(fixture.server.store.received, 1);
});

Deno.test("SubmissionServer limits the sessions of a mailbox", async () => {
  await using fixture = await SubmissionFixture.open({ maxSessionsPerMailbox: 1 });
  using _first = await fixture.logIn();
  assert.match(await fixture.authenticate(NORA), /^432 4\.3\.2 /);
  assert.match(await fixture.authenticate("office@contoso.example"), /^235 /);
});

Deno.test("SubmissionServer takes three messages of a mailbox at the same time", async () => {
  await using fixture = await SubmissionFixture.open();
  const mail = (client: SmtpClient) => client.command(`MAIL FROM:<${NORA}>`);
  using first = await fixture.logIn();
  using second = await fixture.logIn();
  using third = await fixture.logIn();
  using fourth = await fixture.logIn();
  for (const client of [first, second, third]) assert.match(await mail(client), /^250 /);
  assert.match(await mail(fourth), /^432 4\.3\.2 Concurrent connections limit exceeded\. /);

  assert.match(await first.command("RSET"), /^250 /);
  assert.match(await mail(fourth), /^250 /);
  assert.match(await fourth.command("RCPT TO:<a@example.com>"), /^250 /);
  assert.match(await fourth.data(new TextEncoder().encode(MESSAGE)), /^250 /);
  assert.match(await mail(first), /^250 /);
});

Deno.test("SubmissionServer drops the oldest messages beyond its bound", async () => {
  await using fixture = await SubmissionFixture.open({ maxStoredOctets: MESSAGE.length + 10 });
  await fixture.send();
  await fixture.send();
  const { messages, received } = fixture.server.store;
  assert.deepEqual(messages.map(({ number }) => number), [2]);
  assert.equal(received, 2);
});
