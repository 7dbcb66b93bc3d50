import { Deadlines } from "./deadlines.ts";
import type { BodyChunk, MessageBody } from "../backend.ts";
import { octets } from "../testing/assertions.ts";
import { manualClock, settle } from "../testing/manual_clock.ts";
import { ANNA } from "../testing/fakes.ts";
import { MemoryDialer } from "../testing/memory_network.ts";
import { IMPLICIT_TLS_ACCOUNT, openUpstream, type UpstreamEnd } from "../testing/upstream_end.ts";
import { UpstreamConnection } from "./connection.ts";
import { UpstreamError, type UpstreamFault } from "../protocol/failure.ts";
import assert from "node:assert/strict";

function rejectsWith(work: Promise<unknown>, fault: UpstreamFault): Promise<void> {
  return assert.rejects(work, (error) => error instanceof UpstreamError && error.fault === fault);
}

async function sendEnvelope(connection: UpstreamConnection, end: UpstreamEnd): Promise<void> {
  const replies = connection.envelope(
    { reversePath: "anna@example.com", smtpUtf8: false },
    [{ forwardPath: "bob@example.org" }],
  );
  await end.answer("MAIL FROM:<anna@example.com>", "250 OK");
  await end.answer("RCPT TO:<bob@example.org>", "250 OK");
  await replies;
}

/** A message without end, that counts how often it is asked. */
class EndlessBody implements MessageBody {
  askedCount = 0;

  constructor(readonly pieceOctets: number) {}

  next(): BodyChunk {
    this.askedCount++;
    return { octets: octets("x".repeat(this.pieceOctets)), last: false };
  }
}

Deno.test("D4: UpstreamConnection stops reading a message when the upstream stops reading after DATA", async () => {
  const { connection, end } = await openUpstream({ capacityOctets: 10_000 });
  const body = new EndlessBody(1_000);
  const sending = connection.data(body);
  await end.answer("DATA", "354 Go on");
  await settle();
  assert(body.askedCount >= 10 && body.askedCount <= 12, `asked ${body.askedCount} times`);
  end.transport.takePackets();
  await settle();
  assert(body.askedCount >= 20 && body.askedCount <= 23, `asked ${body.askedCount} times`);
  end.transport.close();
  await rejectsWith(sending, "closed");
});

Deno.test("D4: UpstreamConnection stops reading a message when its chunks are not answered", async () => {
  const { connection, end } = await openUpstream({ extensions: ["CHUNKING"] });
  const body = new EndlessBody(1_000);
  const sending = connection.data(body);
  await settle();
  assert.equal(body.askedCount, 6);
  end.transport.takePackets();
  end.say("250 OK");
  await settle();
  assert.equal(body.askedCount, 7);
  end.transport.close();
  await rejectsWith(sending, "closed");
});

Deno.test("D4: UpstreamConnection gives up on an upstream that reads nothing for three minutes", async () => {
  const clock = manualClock();
  const { connection, end } = await openUpstream({ capacityOctets: 10_000, clock });
  const sending = connection.data(new EndlessBody(1_000));
  await end.answer("DATA", "354 Go on");
  await clock.advance(179_000);
  assert(!end.transport.ended);
  await Promise.all([rejectsWith(sending, "timeout"), clock.advance(2_000)]);
  assert.equal(clock.timers, 0);
});

Deno.test("UpstreamConnection sends a large piece in a packet of its own after its BDAT line", async () => {
  const { connection, end } = await openUpstream({ extensions: ["CHUNKING"] });
  const piece = octets("x".repeat(20_000));
  const sending = connection.data({ next: () => ({ octets: piece, last: true }) });
  await settle();
  const packets = end.transport.takePackets();
  assert.deepEqual(packets.map((packet) => packet.length), ["BDAT 20000 LAST\r\n".length, 20_000]);
  end.say("250 OK");
  const { reply, clean } = await sending;
  assert.equal(reply.code, 250);
  assert(clean);
});

Deno.test("UpstreamConnection sends the end of the data after a large last piece", async () => {
  const { connection, end } = await openUpstream();
  const piece = octets(`${"x".repeat(20_000)}\r\n`);
  const sending = connection.data({ next: () => ({ octets: piece, last: true }) });
  await end.answer("DATA", "354 Go on");
  await end.expect("x".repeat(20_000));
  await end.answer(".", "250 OK");
  assert((await sending).clean);
});

/** A message that is at hand as a whole: the client has sent nothing since. */
const AT_HAND: MessageBody = {
  arrivedCount: 100,
  next: () => ({ octets: octets("Hi\r\n"), last: true }),
};

/** Extra replies in packets of their own, right behind one that was asked for. */
const EXTRA_REPLIES = [
  { extensions: ["PIPELINING"], packets: ["354 Go on\r\n", "25", "0 2.6.0 Queued\r\n"] },
  { extensions: ["PIPELINING"], packets: ["354 Go on\r\n", "550 5.7.1 Not you\r\n"] },
  { extensions: ["CHUNKING"], packets: ["250 2.6.0 Queued\r\n"] },
  { extensions: ["CHUNKING"], packets: ["5"] },
];

for (const { extensions, packets } of EXTRA_REPLIES) {
  const title = JSON.stringify(packets);
  Deno.test(`U8: UpstreamConnection sends no end of a message after ${title}`, async () => {
    const clock = manualClock();
    const { connection, end } = await openUpstream({ extensions, clock });
    const replies = connection.envelope(
      { reversePath: "anna@example.com", smtpUtf8: false },
      [{ forwardPath: "bob@example.org" }],
    );
    await end.answer("MAIL FROM:<anna@example.com>", "250 OK");
    if (extensions.includes("CHUNKING")) {
      await end.expect("RCPT TO:<bob@example.org>");
      for (const packet of ["250 OK\r\n", ...packets]) end.transport.write(octets(packet));
    } else {
      await end.answer("RCPT TO:<bob@example.org>", "250 OK");
    }
    await replies;
    const failed = assert.rejects(
      connection.data(AT_HAND),
      (error) => error instanceof UpstreamError && error.stage === "transaction",
    );
    if (!extensions.includes("CHUNKING")) {
      await end.expect("DATA");
      for (const packet of packets) end.transport.write(octets(packet));
    }
    await clock.advance(1_000);
    await failed;
    assert(await end.isClosed());
  });
}

/** How far a message has come when its connection breaks. */
const BREAKS = [
  { after: "one", stage: "transaction" },
  { after: "two", stage: "verdict" },
] as const;

for (const { after, stage } of BREAKS) {
  Deno.test(`U4: UpstreamConnection says "${stage}" of a message whose connection breaks after "${after}"`, async () => {
    const { connection, end } = await openUpstream();
    await sendEnvelope(connection, end);
    const second = Promise.withResolvers<BodyChunk>();
    const pieces = [{ octets: octets("one\r\n"), last: false }, second.promise];
    const sending = connection.data({ next: () => pieces.shift()! });
    const failed = assert.rejects(
      sending,
      (error) => error instanceof UpstreamError && error.stage === stage,
    );
    await end.answer("DATA", "354 Go on");
    if (after === "one") end.transport.reset();
    await settle();
    second.resolve({ octets: octets("two\r\n"), last: true });
    await settle();
    if (after === "two") end.transport.reset();
    await failed;
  });
}

Deno.test("U9: UpstreamConnection passes on the dialer's certificate error", async () => {
  const clock = manualClock();
  const dialer = new MemoryDialer();
  const opening = UpstreamConnection.open({
    deadlines: new Deadlines(clock),
    target: IMPLICIT_TLS_ACCOUNT.target,
    greetingName: "proxy.example",
    dialer,
    clock,
  });
  dialer.refuse(new UpstreamError("insecure", "certificate expired"));
  await rejectsWith(opening, "insecure");
});

Deno.test("U1: UpstreamConnection names the destination that can't be reached", async () => {
  const clock = manualClock();
  const dialer = new MemoryDialer();
  const opening = UpstreamConnection.open({
    deadlines: new Deadlines(clock),
    target: ANNA.target,
    greetingName: "proxy.example",
    dialer,
    clock,
  });
  assert.deepEqual(dialer.destinations, [
    { host: "upstream.example", port: 587, implicitTls: false },
  ]);
  dialer.refuse();
  await assert.rejects(opening, /no connection to upstream\.example:587/);
});

Deno.test("UpstreamConnection.quit() closes the connection even if the upstream does not answer", async () => {
  const clock = manualClock();
  const { connection, end } = await openUpstream({ clock });
  const quitting = connection.quit();
  await end.expect("QUIT");
  await clock.advance(11_000);
  await quitting;
  assert(await end.isClosed());
  assert.equal(clock.timers, 0);
});

Deno.test("UpstreamConnection.authenticate() shows no token in an error", async () => {
  const { connection, end } = await openUpstream();
  const signingIn = connection.authenticate(ANNA.mailbox, "bad\x01token");
  await assert.rejects(signingIn, (error: Error) => !error.message.includes("token\x01"));
  assert(await end.isClosed());
});
