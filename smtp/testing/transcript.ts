/**
 * Plays golden transcripts.
 *
 * Nothing waits for real time: after each step the program runs until it has nothing left to do within a moment. What it has
 * sent by then must be next in the transcript.
 *
 * @module
 */
import assert, { AssertionError } from "node:assert/strict";
import { concat } from "../protocol/octets.ts";
import { UpstreamError } from "../protocol/failure.ts";
import { describeEvent } from "./describe_event.ts";
import { ANNA } from "./fakes.ts";
import { manualClock } from "./manual_clock.ts";
import type { Inbox } from "./inbox.ts";
import { ENVELOPE, greetSteps, helloSteps, loginSteps, signInSteps } from "./transcript_parts.ts";
import {
  describeOctets,
  lineOctets,
  type Marker,
  rawOctets,
  type Step,
  type Transcript,
} from "./transcript_format.ts";
import { TranscriptFixture } from "./transcript_fixture.ts";

const CRLF = new TextEncoder().encode("\r\n");

/** A line that ends with this matches every line with the same beginning. */
const ANYTHING = "...";

/** Passes before each step, since some work waits for octets that may be on their way. */
const MOMENT_MS = 1;

/** Registers a test for each transcript. */
export function testTranscripts(transcripts: readonly Transcript[]): void {
  for (const transcript of transcripts) {
    Deno.test(transcript.title, () => playTranscript(transcript));
  }
}

/**
 * Plays one transcript.
 *
 * @throws {AssertionError} with file and line, and the expected and the actual octets.
 */
export async function playTranscript(transcript: Transcript): Promise<void> {
  const clock = manualClock();
  const fixture = new TranscriptFixture(transcript.options, clock);
  await fixture.start();
  await new Player(transcript, fixture).play();
}

/** Plays the steps of one transcript. */
class Player {
  readonly #transcript: Transcript;
  readonly #fixture: TranscriptFixture;
  /** Connections whose end is in the transcript. */
  readonly #seenEnded = new Set<Inbox>();
  #eventIndex = 0;

  constructor(transcript: Transcript, fixture: TranscriptFixture) {
    this.#transcript = transcript;
    this.#fixture = fixture;
  }

  async play(): Promise<void> {
    const { steps, fileName, title } = this.#transcript;
    let lineNumber = steps[0]?.lineNumber ?? 0;
    try {
      for (const [index, step] of steps.entries()) {
        lineNumber = step.lineNumber;
        await this.#playOne(step, steps.slice(index + 1));
      }
      await this.#fixture.clock.advance(MOMENT_MS);
      this.#checkNothingElse();
      await this.#fixture.end();
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      throw new AssertionError({ message: `${fileName}:${lineNumber}: ${title}\n${what}` });
    }
  }

  async #playOne(step: Step, following: readonly Step[]): Promise<void> {
    await this.#fixture.clock.advance(MOMENT_MS);
    const { marker, text } = step;
    if (marker.endsWith("*")) return await this.#direct(`${marker} ${text}`);
    if (!EXPECTATIONS.has(marker)) this.#checkNothingElse();
    await this.#act(step, following);
  }

  async #act({ marker, text }: Step, following: readonly Step[]): Promise<void> {
    const { client, clock } = this.#fixture;
    switch (marker) {
      case "C:":
        return this.#send(client, concat(...packetOf(text, following)));
      case "C+":
        return; // It was sent with the line that begins the packet.
      case "C~":
        return this.#send(client, rawOctets(text));
      case "S:":
      case "S+":
        return this.#expectLine(client, text, marker === "S+");
      case "U<":
        return this.#send(this.#fixture.upstream, concat(lineOctets(text), CRLF));
      case "U~":
        return this.#send(this.#fixture.upstream, rawOctets(text));
      case "U>":
      case "U+":
        return this.#expectLine(this.#fixture.upstream, text, marker === "U+");
      case "U=":
        return this.#expectOctets(this.#fixture.upstream, rawOctets(text));
      case "T:":
        return await clock.advance(Number.parseFloat(text) * 1000);
      case "E:":
        return this.#expectEvent(text);
    }
  }

  async #direct(direction: string): Promise<void> {
    const [, name = "", argument = ""] = DIRECTION.exec(direction) ?? [];
    const look = this.#looks[name];
    if (look !== undefined) return await look(argument);
    const act = this.#actions[name];
    assert(act !== undefined, `there is no ${direction}`);
    this.#checkNothingElse(ANSWERS_TO_CALLS.has(name));
    act(argument);
  }

  /** Directions that check what the program did, or stand for several steps. */
  readonly #looks: Readonly<Record<string, (argument: string) => void | Promise<void>>> = {
    "C* hello": () => this.#playAll(helloSteps(this.#fixture)),
    "C* log in": () => this.#playAll(loginSteps(this.#fixture)),
    "C* envelope": () => this.#playAll(ENVELOPE),
    "S* close": () => this.#expectEnd(this.#fixture.client),
    "U* greet": () => this.#playAll(greetSteps(this.#fixture)),
    "U* sign-in": (token) => this.#playAll(signInSteps(this.#fixture, token || "token-1")),
    "U* dropped": () => this.#expectEnd(this.#fixture.upstream),
  };

  /** Directions that do something themselves. */
  readonly #actions: Readonly<Record<string, (argument: string) => void>> = {
    "C* connect": () => this.#fixture.connectClient(),
    "C* starttls": () => this.#startTls(this.#fixture.client),
    "C* close": () => this.#leave(this.#fixture.client, "close"),
    "C* half-close": () => this.#fixture.client.transport.halfClose(),
    "C* reset": () => this.#leave(this.#fixture.client, "reset"),
    "S* stop": (seconds) => void this.#fixture.service.stop(Number(seconds)),
    "S* revoke": () => this.#fixture.service.revoke({ accountId: ANNA.id }),
    "S* change": () =>
      this.#fixture.service.revoke({
        ...{ accountId: ANNA.id, appPasswordId: ANNA.appPasswordId },
        isChange: true,
      }),
    "U* connect": () => this.#fixture.acceptUpstream(),
    "U* refuse": () => this.#fixture.dialer.refuse(),
    "U* starttls": () => this.#startTls(this.#fixture.upstream),
    "U* bad-certificate": () => this.#refuseCertificate(),
    "U* close": () => this.#leave(this.#fixture.upstream, "close"),
    "U* reset": () => this.#leave(this.#fixture.upstream, "reset"),
  };

  async #playAll(steps: readonly Step[]): Promise<void> {
    for (const [index, step] of steps.entries()) {
      await this.#playOne(step, steps.slice(index + 1));
    }
  }

  #send(inbox: Inbox, octets: Uint8Array): void {
    // The next steps show whether it arrived.
    inbox.transport.write(octets).catch(() => {});
  }

  #startTls({ transport }: Inbox): void {
    // The next steps show the effect of a failed handshake.
    transport.startTls().catch(() => {});
  }

  #refuseCertificate(): void {
    const error = new UpstreamError("insecure", "certificate refused");
    this.#fixture.upstream.transport.failTls(error);
  }

  #leave(inbox: Inbox, how: "close" | "reset"): void {
    this.#seenEnded.add(inbox);
    inbox.transport[how]();
  }

  #expectLine(inbox: Inbox, text: string, samePacket: boolean): void {
    const line = inbox.takeLine();
    const expected = describeOctets(lineOctets(text));
    const got = line === undefined ? `nothing${this.#rest(inbox)}` : describeOctets(line.octets);
    const matches = expected.endsWith(ANYTHING)
      ? got.startsWith(expected.slice(0, -ANYTHING.length))
      : got === expected;
    assert(line !== undefined && matches, `expected: ${expected}\ngot:      ${got}`);
    if (samePacket) assert(line.inSamePacket, `not in the packet of the line before: ${text}`);
  }

  #expectOctets(inbox: Inbox, octets: Uint8Array): void {
    const expected = describeOctets(octets);
    const got = describeOctets(inbox.take(octets.length));
    assert(got === expected, `expected: ${expected}\ngot:      ${got}`);
  }

  #expectEnd(inbox: Inbox): void {
    this.#checkUnread(inbox);
    assert(inbox.transport.ended, "expected that we close the connection, and it is open");
    this.#seenEnded.add(inbox);
  }

  #expectEvent(text: string): void {
    const events = this.#fixture.events.map(describeEvent);
    const index = events.indexOf(text, this.#eventIndex);
    const later = events.slice(this.#eventIndex).join("\n  ");
    assert(index !== -1, `expected the event: ${text}\ngot:\n  ${later}`);
    this.#eventIndex = index + 1;
  }

  /** Checks that everything that the program did is in the transcript. */
  #checkNothingElse(mayDial = false): void {
    const { client, upstreams, dialer } = this.#fixture;
    for (const inbox of [client, ...upstreams]) {
      this.#checkUnread(inbox);
      const ended = inbox.transport.ended && !this.#seenEnded.has(inbox);
      assert(!ended, `we have closed the connection to the ${this.#nameOf(inbox)}`);
    }
    assert(mayDial || dialer.destinations.length === 0, "we want to connect to the upstream");
  }

  #checkUnread(inbox: Inbox): void {
    const unread = describeOctets(inbox.unread);
    assert(unread === "", `not in the transcript, to the ${this.#nameOf(inbox)}: ${unread}`);
  }

  #nameOf(inbox: Inbox): string {
    return inbox === this.#fixture.client ? "client" : "upstream";
  }

  #rest(inbox: Inbox): string {
    const octets = inbox.unread.length === 0 ? "" : `, but: ${describeOctets(inbox.unread)}`;
    return octets + (inbox.transport.ended ? ", and the end of the connection" : "");
  }
}

/** A direction, with its time or token. */
const DIRECTION = /^(.\* [a-z- ]*[a-z])(?: (\d+|token-\d+))?$/;

/** Directions for the upstream while we connect to it: it answers, or closes an earlier connection. */
const ANSWERS_TO_CALLS: ReadonlySet<string> = new Set(["U* connect", "U* refuse", "U* close"]);

/** Steps that check what the program did. All others do something themselves. */
const EXPECTATIONS: ReadonlySet<Marker> = new Set(["S:", "S+", "U>", "U+", "U=", "E:", "C+"]);

/** Returns the lines of a packet: the first one and the `C+` lines after it. */
function packetOf(first: string, following: readonly Step[]): Uint8Array[] {
  const end = following.findIndex(({ marker }) => marker !== "C+");
  const more = following.slice(0, end === -1 ? undefined : end);
  return [first, ...more.map(({ text }) => text)].flatMap((text) => [lineOctets(text), CRLF]);
}
