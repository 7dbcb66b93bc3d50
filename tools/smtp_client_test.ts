import assert from "node:assert/strict";
import { octets, text } from "../smtp/testing/assertions.ts";
import { linkedTransports, type MemoryTransport } from "../smtp/testing/memory_transport.ts";
import { ConnectionLostError, SmtpClient } from "./smtp_client.ts";

/** Creates a client and the server's end of its connection. */
function createFixture(): { client: SmtpClient; server: MemoryTransport } {
  const [end, server] = linkedTransports();
  return { client: new SmtpClient(end), server };
}

/** Everything that the client has sent. */
function sent(server: MemoryTransport): string {
  return server.takePackets().map(text).join("");
}

Deno.test("SmtpClient.reply() takes one reply at a time, however it arrives", async () => {
  const { client, server } = createFixture();
  for (const piece of ["250-one\r\n2", "50 two\r", "\n354\r\n220 thr", "ee\r\n"]) {
    server.write(octets(piece));
  }
  assert.equal(await client.reply(), "250-one\r\n250 two\r\n");
  assert.equal(await client.reply(), "354\r\n");
  assert.equal(await client.reply(), "220 three\r\n");
});

const MALFORMED: Readonly<Record<string, readonly [reply: string, problem: RegExp]>> = {
  "has two codes": ["250-one\r\n550 two\r\n", /codes of a reply differ/],
  "has a line that is too long": [`250 ${"x".repeat(507)}\r\n`, /too long/],
  "ends in its middle": ["250-one\r\n", /ended inside a reply/],
};

for (const [name, [reply, problem]] of Object.entries(MALFORMED)) {
  Deno.test(`SmtpClient.reply() rejects a reply that ${name}`, async () => {
    const { client, server } = createFixture();
    server.write(octets(reply));
    server.halfClose();
    await assert.rejects(client.reply(), problem);
  });
}

Deno.test("SmtpClient.reply() and write() tell that the connection is lost", async () => {
  const { client, server } = createFixture();
  server.reset();
  await assert.rejects(client.reply(), ConnectionLostError);
  await assert.rejects(client.write("NOOP\r\n"), ConnectionLostError);
});

Deno.test("SmtpClient.data() doubles the dots that begin a line", async () => {
  const { client, server } = createFixture();
  server.write(octets("354 Go on\r\n250 OK\r\n"));
  const message = ".one\r\nt.wo\r\n..\r\n.\r\n";
  assert.equal(await client.data(octets(message)), "250 OK\r\n");
  assert.equal(sent(server), "DATA\r\n..one\r\nt.wo\r\n...\r\n..\r\n.\r\n");
});

Deno.test("SmtpClient.bdat() sends chunks and waits for each reply", async () => {
  const { client, server } = createFixture();
  server.write(octets("250 OK\r\n250 OK\r\n250 Accepted\r\n"));
  assert.equal(await client.bdat(octets("abcde"), 3), "250 Accepted\r\n");
  assert.equal(sent(server), "BDAT 3\r\nabcBDAT 2\r\ndeBDAT 0 LAST\r\n");
});

Deno.test("SmtpClient.authenticate() sends a password or a token", async () => {
  const { client, server } = createFixture();
  server.write(octets("235 Yes\r\n535 No\r\n"));
  const login = { username: "anna", password: "secret" };
  assert.equal(await client.authenticate(login), "235 Yes\r\n");
  assert.equal(await client.authenticate({ ...login, mechanism: "XOAUTH2" }), "535 No\r\n");
  const xoauth2 = btoa("user=anna\x01auth=Bearer secret\x01\x01");
  assert.equal(
    sent(server),
    `AUTH PLAIN ${btoa("\0anna\0secret")}\r\nAUTH XOAUTH2 ${xoauth2}\r\n`,
  );
});
