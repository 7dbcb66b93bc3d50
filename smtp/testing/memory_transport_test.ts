import assert from "node:assert/strict";
import { octets, text } from "./assertions.ts";
import { settle } from "./manual_clock.ts";
import { linkedTransports } from "./memory_transport.ts";

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => settled = true;
  promise.then(note, note);
  await settle();
  return settled;
}

Deno.test("MemoryTransport gives each write to one read", async () => {
  const [a, b] = linkedTransports();
  a.write(octets("one"));
  a.write(octets("two"));
  assert.equal(text((await b.read())!), "one");
  assert.equal(text((await b.read())!), "two");
  const pending = b.read();
  a.write(octets("three"));
  assert.equal(text((await pending)!), "three");
});

Deno.test("MemoryTransport spoils octets that are no longer valid", async () => {
  const [a, b] = linkedTransports();
  a.write(octets("one"));
  a.write(octets("two"));
  const first = (await b.read())!;
  await b.read();
  assert.equal(text(first), "\xee\xee\xee");
});

Deno.test("MemoryTransport makes a write wait while the other end does not read", async () => {
  const [a, b] = linkedTransports({ capacityOctets: 5 });
  await a.write(octets("12345"));
  const second = a.write(octets("67890"));
  assert(!await isSettled(second));
  await b.read();
  await second;
  assert.equal(text((await b.read())!), "67890");
});

Deno.test("MemoryTransport notes two reads, or two writes, at once", async () => {
  const [a, b] = linkedTransports({ capacityOctets: 1 });
  a.write(octets("1"));
  a.write(octets("2"));
  await assert.rejects(a.write(octets("3")), /two writes at once/);
  const [c] = linkedTransports();
  c.read();
  await assert.rejects(c.read(), /two reads at once/);
  assert.deepEqual(b.misuses, ["two writes at once"]);
  assert.deepEqual(c.misuses, ["two reads at once"]);
});

Deno.test("MemoryTransport.close() lets what was written arrive", async () => {
  const [a, b] = linkedTransports();
  a.write(octets("bye"));
  a.close();
  assert.equal(text((await b.read())!), "bye");
  assert.equal(await b.read(), null);
  await b.write(octets("vanishes"));
  await assert.rejects(a.read(), /connection closed/);
  await assert.rejects(a.write(octets("x")), /connection closed/);
});

Deno.test("MemoryTransport.close() wakes who reads or writes", async () => {
  const [a, b] = linkedTransports({ capacityOctets: 1 });
  const reading = a.read();
  b.write(octets("1")); // Goes to the read.
  await reading;
  const next = a.read();
  a.close();
  await assert.rejects(next, /connection closed/);
  await b.write(octets("2"));
});

Deno.test("MemoryTransport.halfClose() ends one direction alone", async () => {
  const [a, b] = linkedTransports();
  a.halfClose();
  assert.equal(await b.read(), null);
  b.write(octets("still here"));
  assert.equal(text((await a.read())!), "still here");
});

Deno.test("MemoryTransport.reset() breaks both ends", async () => {
  const [a, b] = linkedTransports();
  a.write(octets("lost"));
  a.reset();
  for (const end of [a, b]) {
    await assert.rejects(end.read(), /reset/);
    await assert.rejects(end.write(octets("x")), /reset/);
  }
});

Deno.test("MemoryTransport.startTls() makes both ends secure, and drops plain octets", async () => {
  const [client, server] = linkedTransports();
  client.write(octets("too early"));
  const upgraded = server.startTls(octets("220 go\r\n"));
  assert(!await isSettled(upgraded));
  assert.equal(text((await client.read())!), "220 go\r\n");
  await Promise.all([upgraded, client.startTls()]);
  assert(client.secure && server.secure);
  client.write(octets("under TLS"));
  assert.equal(text((await server.read())!), "under TLS");
});

Deno.test("MemoryTransport.startTls() fails when plain octets come into the handshake", async () => {
  const [client, server] = linkedTransports();
  const upgraded = server.startTls();
  client.write(octets("NOOP\r\n"));
  await Promise.all([
    assert.rejects(client.startTls(), /plain octets/),
    assert.rejects(upgraded, /plain octets/),
  ]);
  assert(!client.secure && !server.secure);
});

Deno.test("MemoryTransport.startTls() fails when the other end leaves", async () => {
  const [client, server] = linkedTransports();
  const upgraded = server.startTls();
  client.close();
  await assert.rejects(upgraded, /ended inside the TLS handshake/);
});
