/** A message that the upstream does not take: connections in memory have a known size, so what is held here can be counted. */
import assert from "node:assert/strict";
import { SmtpClient } from "../../tools/smtp_client.ts";
import { startFakeService } from "../testing/fake_service.ts";
import { ANNA, APP_PASSWORD } from "../testing/fakes.ts";
import { manualClock, settle } from "../testing/manual_clock.ts";
import { HostileDialer, HostileUpstream } from "../testing/hostile_upstream.ts";
import { MemoryNetwork } from "../testing/memory_network.ts";
import { DEFAULT_CAPACITY_OCTETS } from "../testing/memory_transport.ts";
import type { PortKind } from "../net/transport.ts";

const PORT = 25;
const TOTAL_OCTETS = 32 * 1024 * 1024;
/** Also what one read gives. */
const PIECE = new TextEncoder().encode(`${"x".repeat(62)}\r\n`.repeat(256));
/** The server itself may hold some pieces. */
const HELD_LIMIT_OCTETS = 4 * PIECE.length;
/** A connection takes one more piece when it has room for an octet. */
const CONNECTION_LIMIT_OCTETS = DEFAULT_CAPACITY_OCTETS + PIECE.length;

interface Way {
  readonly way: "DATA" | "BDAT";
  /** Whether the upstream takes BDAT. */
  readonly chunking: boolean;
  readonly port: PortKind;
}

/** Sends a message to an upstream that stops reading. @returns the octets that the client could send. */
async function takenOctets({ way, chunking, port }: Way): Promise<number> {
  const clock = manualClock();
  const dialer = new HostileDialer(
    new HostileUpstream({ phase: "body", fault: "stall", chunking }),
  );
  const network = new MemoryNetwork();
  const endpoint = { kind: port, host: "127.0.0.1", port: PORT };
  const service = await startFakeService([endpoint], { network, dialer, clock });
  const client = new SmtpClient(network.connect(PORT));
  await client.expect("220");
  await (port === "starttls" ? client.startTls() : client.hello());
  await client.authenticate({ username: ANNA.mailbox, password: APP_PASSWORD });
  await client.envelope(ANNA.mailbox, ["bob@example.org"]);
  if (way === "DATA") assert.match(await client.command("DATA"), /^354 /);
  else await client.write(`BDAT ${TOTAL_OCTETS} LAST\r\n`);

  let taken = 0;
  const sending = (async () => {
    for (; taken < TOTAL_OCTETS; taken += PIECE.length) await client.write(PIECE);
  })();
  const interrupted = assert.rejects(sending);
  await settle();
  const result = taken;

  client.close();
  await interrupted;
  dialer.close();
  const stopped = service.stop(0);
  await clock.advance(1_000);
  await stopped;
  return result;
}

Deno.test("D4: a client waits when the upstream does, and little of its message is buffered", async (test) => {
  for (const port of ["plain", "starttls", "tls"] as const) {
    for (const way of ["DATA", "BDAT"] as const) {
      for (const chunking of [true, false]) {
        const name = `${way} on a ${port} port, ${chunking ? "BDAT" : "DATA"} upstream`;
        await test.step(name, async () => {
          const taken = await takenOctets({ way, chunking, port });
          assert.ok(taken >= DEFAULT_CAPACITY_OCTETS, "the message has not begun");
          const heldOctets = taken - 2 * CONNECTION_LIMIT_OCTETS;
          assert.ok(heldOctets <= HELD_LIMIT_OCTETS, `${heldOctets} octets are held`);
        });
      }
    }
  }
});
