import assert from "node:assert/strict";
import { createTransport } from "nodemailer";
import { SmtpClient } from "../smtp_client.ts";
import { CertificateAuthority } from "./certificates.ts";
import { SubmissionServer, type SubmissionServerOptions } from "./submission_server.ts";

const ADDRESS = "nora@outlook.example";
const TOKEN = "the-access-token";
const MESSAGE = "Subject: =?utf-8?q?caf=C3=A9?=\r\n\r\n.leading dot\r\n..two\r\n\xe9\r\n\r\n";

interface Simulation extends AsyncDisposable {
  readonly server: SubmissionServer;
  readonly ca: string;
}

async function start(options: Partial<SubmissionServerOptions> = {}): Promise<Simulation> {
  const authority = await CertificateAuthority.create("Test CA");
  const server = await SubmissionServer.start({
    certificate: await authority.issue({ names: ["localhost"] }),
    verifyAccessToken: (token) => token === TOKEN ? { address: ADDRESS } : undefined,
    ...options,
  });
  return {
    server,
    ca: authority.certificate,
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

async function send({ server, ca }: Simulation, { accessToken = TOKEN, raw = MESSAGE } = {}) {
  const transport = createTransport({
    host: "localhost",
    port: server.port,
    requireTLS: true,
    tls: { ca },
    auth: { type: "OAuth2", user: ADDRESS, accessToken },
  });
  try {
    const envelope = { from: ADDRESS, to: ["a@example.com", "hidden@example.com"] };
    return await transport.sendMail({ envelope, raw: new TextEncoder().encode(raw) as never });
  } finally {
    transport.close();
  }
}

/** A client that has signed in. */
async function logIn({ server, ca }: Simulation): Promise<SmtpClient> {
  const client = await SmtpClient.connect({ port: server.port, ca });
  await client.startTls();
  const login = { username: ADDRESS, password: TOKEN, mechanism: "XOAUTH2" } as const;
  assert.match(await client.authenticate(login), /^235 /);
  return client;
}

Deno.test("SubmissionServer keeps the octets and the envelope of a message", async () => {
  await using simulation = await start();
  await send(simulation);
  const { mailbox, sender, recipients, content, number } = simulation.server.store.last;
  assert.equal(number, 1);
  assert.equal(mailbox, ADDRESS);
  assert.equal(sender.address, ADDRESS);
  assert.deepEqual(recipients.map(({ address }) => address), [
    "a@example.com",
    "hidden@example.com",
  ]);
  assert.equal(new TextDecoder().decode(content), MESSAGE);
});

Deno.test("SubmissionServer takes BDAT in chunks, pipelined or not", async () => {
  await using simulation = await start();
  using client = await logIn(simulation);
  const begin = async () => {
    await client.envelope(ADDRESS, ["a@example.com"]);
    await client.write("BDAT 6\r\none\r\n.");
    assert.match(await client.reply(), /^250 /);
  };
  const { store } = simulation.server;

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
  await using simulation = await start();
  await assert.rejects(send(simulation, { accessToken: "wrong" }), /535/);
  simulation.server.refusal = "challenge";
  await assert.rejects(send(simulation), /535/);
  simulation.server.refusal = "concurrency";
  await assert.rejects(send(simulation), /432/);
  assert.equal(simulation.server.store.received, 0);
});

Deno.test("SubmissionServer offers AUTH only after STARTTLS", async () => {
  await using simulation = await start();
  using client = await SmtpClient.connect({ port: simulation.server.port });
  const features = await client.hello();
  assert.match(features, /^250.STARTTLS\r$/m);
  assert.doesNotMatch(features, /AUTH/);
});

Deno.test("SubmissionServer stops with open sessions and restarts on its port", async () => {
  await using simulation = await start();
  const { port } = simulation.server;
  using idle = await Deno.connect({ hostname: "localhost", port });
  await idle.read(new Uint8Array(512));
  await simulation.server.stop();
  await assert.rejects(send(simulation), { code: "ESOCKET" });
  await simulation.server.restart();
  await send(simulation);
  assert.equal(simulation.server.port, port);
  assert.equal(simulation.server.store.received, 1);
});

Deno.test("SubmissionServer limits the sessions of a mailbox", async () => {
  await using simulation = await start({ maxSessionsPerMailbox: 0 });
  await assert.rejects(send(simulation), /432/);
});

Deno.test("SubmissionServer drops the oldest messages beyond its bound", async () => {
  await using simulation = await start({ maxStoredOctets: MESSAGE.length + 10 });
  await send(simulation);
  await send(simulation);
  const { messages, received } = simulation.server.store;
  assert.deepEqual(messages.map(({ number }) => number), [2]);
  assert.equal(received, 2);
});
