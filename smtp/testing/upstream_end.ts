/**
 * The real upstream connection with a test at its other end.
 *
 * @module
 */
import type { Clock } from "../clock.ts";
import type { Account } from "../backend.ts";
import { xoauth2Response } from "../protocol/sasl.ts";
import { UpstreamConnection } from "../upstream/connection.ts";
import { octets, text } from "./assertions.ts";
import { ANNA } from "./fakes.ts";
import { manualClock, settle } from "./manual_clock.ts";
import { Inbox } from "./inbox.ts";
import { MemoryDialer } from "./memory_network.ts";
import type { PairOptions } from "./memory_transport.ts";
import assert from "node:assert/strict";

/** Both ends of a connection to the upstream. */
export interface OpenedUpstream {
  readonly connection: UpstreamConnection;
  readonly end: UpstreamEnd;
}

/** Options of the connection. */
export interface OpenOptions extends Pick<PairOptions, "capacityOctets"> {
  readonly extensions?: readonly string[];
  readonly clock?: Clock;
}

/** The upstream's end, which a test plays. */
export class UpstreamEnd extends Inbox {
  /** Expects a line, and answers it. */
  async answer(expected: string, ...reply: string[]): Promise<void> {
    await this.expect(expected);
    this.say(...reply);
    await settle();
  }

  /** Takes the next line and asserts what it is. */
  async expect(expected: string): Promise<void> {
    await settle();
    const line = this.takeLine();
    assert.equal(line === undefined ? undefined : text(line.octets), expected);
  }

  /** Sends lines in one packet. */
  say(...lines: string[]): void {
    this.transport.write(octets(lines.map((line) => `${line}\r\n`).join("")));
  }

  /** Whether we have closed the connection, and all that we sent was taken. */
  async isClosed(): Promise<boolean> {
    await settle();
    return this.unread.length === 0 && this.transport.ended;
  }
}

/** The tests' account, with an upstream that needs no STARTTLS. */
export const IMPLICIT_TLS_ACCOUNT: Account = {
  ...ANNA,
  target: { ...ANNA.target, tls: "implicit" },
};

/** Opens a connection up to EHLO. */
export async function openUpstream(options: OpenOptions = {}): Promise<OpenedUpstream> {
  const { clock = manualClock() } = options;
  const dialer = new MemoryDialer();
  const opening = UpstreamConnection.open({
    target: IMPLICIT_TLS_ACCOUNT.target,
    greetingName: "proxy.example",
    dialer,
    clock,
  });
  const end = await greet(dialer, options);
  return { connection: await opening, end };
}

/** Accepts a connection, up to EHLO. */
async function greet(dialer: MemoryDialer, options: OpenOptions = {}): Promise<UpstreamEnd> {
  const { extensions = ["PIPELINING"], capacityOctets } = options;
  await settle();
  const end = new UpstreamEnd(dialer.accept({ capacityOctets }));
  end.say("220 upstream.example");
  await end.answer("EHLO proxy.example", ...ehloReply(["upstream.example", ...extensions]));
  return end;
}

/** Accepts a connection and a sign-in with this token. */
export function acceptSignIn(
  dialer: MemoryDialer,
  token: string,
  name = ANNA.signInName,
): Promise<UpstreamEnd> {
  return answerSignIn(dialer, name, token, "235 2.7.0 OK");
}

/** Accepts a connection, and answers a sign-in with this name and token. */
export async function answerSignIn(
  dialer: MemoryDialer,
  name: string,
  token: string,
  reply: string,
): Promise<UpstreamEnd> {
  const end = await leaveSignIn(dialer, token, name);
  end.say(reply);
  await settle();
  return end;
}

/** Accepts a connection, and leaves the sign-in without an answer. */
export async function leaveSignIn(
  dialer: MemoryDialer,
  token: string,
  name = ANNA.signInName,
): Promise<UpstreamEnd> {
  const end = await greet(dialer);
  await end.expect(`AUTH XOAUTH2 ${xoauth2Response(name, token)}`);
  return end;
}

function ehloReply(lines: readonly string[]): string[] {
  return lines.map((line, index) => `250${index === lines.length - 1 ? " " : "-"}${line}`);
}
