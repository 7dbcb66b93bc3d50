/**
 * Fuzzing of whole sessions.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { SmtpEvent } from "../events.ts";
import { text } from "./assertions.ts";
import { startFakeService } from "./fake_service.ts";
import { manualClock, settle } from "./manual_clock.ts";
import { HostileDialer, HostileUpstream } from "./hostile_upstream.ts";
import { MemoryNetwork } from "./memory_network.ts";
import { pieces, type Random } from "./mutator.ts";

const PORT = 25;
/** The upstream's reply to the end of a message. */
const MESSAGE_ACCEPTED = "250 2.0.0 Message accepted\r\n";
/** Longer than any timeout of the server or the relay. */
const LONGEST_WAIT_MS = 700_000;

const REPLIES = /^(?:(?:\d{3}-[\x20-\x7e]{0,506}\r\n)*\d{3}(?: [\x20-\x7e]{0,506})?\r\n)*$/;
const UPSTREAM_VERBS = new Set(
  ["EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "QUIT"],
);
const BARE_LINE_END_OR_NUL = /\r(?!\n)|(?<!\r)\n|\0/;

/** Sends the input as a client and disconnects. Checks that all replies are SMTP, and that the upstream gets nothing else. */
export async function fuzzSession(input: Uint8Array, random: Random): Promise<void> {
  const clock = manualClock();
  const upstream = new HostileUpstream({
    phase: "connect",
    fault: "split",
    times: 0,
    chunking: random.below(2) === 0,
  });
  const dialer = new HostileDialer(upstream);
  const events: SmtpEvent[] = [];
  const network = new MemoryNetwork();
  const service = await startFakeService(
    [{ kind: random.pick(["plain", "tls"] as const), host: "127.0.0.1", port: PORT }],
    { network, dialer, clock, observe: (event) => void events.push(event) },
  );
  const client = network.connect(PORT);
  let heard = "";
  const hear = () => heard += client.takePackets().map(text).join("");
  for (const piece of pieces(input, random)) {
    await client.write(piece);
    if (random.below(4) === 0) await settle();
    hear();
  }
  if (random.below(2) === 0) await settle();
  client.halfClose();
  await settle();
  if (service.connectionCount > 0) await clock.advance(LONGEST_WAIT_MS);
  hear();
  client.close();
  dialer.close();
  await settle();
  assert.equal(service.connectionCount, 0, "the session goes on");
  await service.stop(0);
  assert.equal(clock.timers, 0, "a timer goes on");
  assert.match(heard, REPLIES);
  checkUpstream(upstream, events, heard);
}

function checkUpstream(
  { verbs, messages }: HostileUpstream,
  events: readonly SmtpEvent[],
  heard: string,
): void {
  for (const verb of verbs) assert(UPSTREAM_VERBS.has(verb), `upstream got ${verb}`);
  for (const message of messages) assert.doesNotMatch(message, BARE_LINE_END_OR_NUL);
  const accepted = events.filter((event) =>
    event.type === "delivery" && event.delivery.outcome === "accepted"
  );
  assert.equal(messages.length, accepted.length);
  // The client was told about each message, and has finished all of them.
  assert.equal(messages.length, heard.split(MESSAGE_ACCEPTED).length - 1);
}
