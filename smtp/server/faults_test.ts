/** Everything that can go wrong with the upstream, at every moment. */
import assert from "node:assert/strict";
import type { DeliveryOutcome, SmtpEvent } from "../events.ts";
import { startFakeService } from "../testing/fake_service.ts";
import { ANNA, APP_PASSWORD, FakeAuthenticator } from "../testing/fakes.ts";
import { type ManualClock, manualClock } from "../testing/manual_clock.ts";
import {
  type Fault,
  FAULTS,
  HostileDialer,
  HostileUpstream,
  type Phase,
  PHASES,
} from "../testing/hostile_upstream.ts";
import { MemoryNetwork } from "../testing/memory_network.ts";
import { type Outcome, RetryingClient } from "../testing/retrying_client.ts";
import type { PortKind } from "../net/transport.ts";

const PORT = 25;
const STEP_MS = 5_000;
const RETRY_DELAY_MS = 30_000;
/** RFC 5321 section 4.5.3.2.3 asks for 5 minutes; mail programs have less. */
const CLIENT_TIMEOUT_MS = 60_000;
/** No cell takes longer: several tries, each waiting for an upstream that stalls. */
const LONGEST_MS = 4 * 3_600_000;

const PIECES = [
  "Subject: a message\r\n\r\n",
  ".a line that begins with a dot\r\n",
  `${"x".repeat(70)}\r\n`.repeat(500),
  "the last line\r\n",
];
const MESSAGE = PIECES.join("");

interface Cell {
  readonly phase: Phase;
  readonly fault: Fault;
  /** How the client sends. */
  readonly way: "DATA" | "BDAT";
  /** Whether the upstream takes BDAT. */
  readonly chunking: boolean;
  readonly port: PortKind;
  readonly upstreamTls: "starttls" | "implicit";
}

/** Our reply when the connection is lost, and the upstream's own. */
const LOST = /^451 4\.4\.2 /;
const NO_LOGIN = /^454 4\.7\.0 /;
const PASSED_ON: Readonly<Partial<Record<Fault, RegExp>>> = {
  "4xx": /^451 4\.3\.2 Not now/,
  "421": /^451 4\.3\.2 Not now/,
  "5xx": /^554 5\.3\.2 Not ever/,
};

const EXTRA: readonly Fault[] = ["extra", "extra at once"];
const MALFORMED: readonly Fault[] = [...EXTRA, "garbage", "endless", "flood", "mixed", "3yz"];

/** The row of the table of faults that a cell belongs to. */
function rowOf(phase: Phase, fault: Fault): string {
  if (fault === "4xx" || fault === "5xx") return phase === "AUTH" ? "U11" : "U7";
  if (fault === "421") return "U10";
  if (MALFORMED.includes(fault)) return "U8";
  switch (phase) {
    case "MAIL":
    case "RCPT":
    case "DATA":
      return "U2";
    case "body":
      return "U3";
    case "end":
      return "U4";
    default:
      return "U1";
  }
}

/** The first refusal that the client gets; undefined: it notices nothing. */
function firstRefusal({ phase, fault, chunking }: Cell): RegExp | undefined {
  if (fault === "split") return undefined;
  switch (phase) {
    case "AUTH":
      // One more try with a new token; or the idle connection says something, and is replaced.
      if (fault === "5xx" || EXTRA.includes(fault)) return undefined;
      return fault === "4xx" || fault === "421" ? /^454 4\.3\.2 / : NO_LOGIN;
    case "MAIL":
      // It is taken for the reply to RCPT, whose own one then comes too early for the message.
      if (EXTRA.includes(fault) || fault === "3yz") return LOST;
      // The connection was idle before, so it may have been dead: it is replaced.
      if (fault === "421") return undefined;
      return PASSED_ON[fault];
    case "body":
      // After DATA there is nothing to reply to before the end of the message.
      return chunking && PASSED_ON[fault] || LOST;
    case "RCPT":
    case "DATA":
    case "end":
      return PASSED_ON[fault] ?? LOST;
    default:
      return NO_LOGIN;
  }
}

/** The result of a cell. */
interface Result {
  readonly outcome: Outcome;
  readonly client: RetryingClient;
  readonly messages: readonly string[];
  readonly deliveries: readonly DeliveryOutcome[];
  /** How long the client was busy. */
  readonly durationMs: number;
}

/** Lets a client send a message. @param times How often the fault happens. */
async function run(cell: Cell, times = 1): Promise<Result> {
  const clock = manualClock();
  const startMs = clock.now();
  const upstream = new HostileUpstream({ ...cell, times });
  const dialer = new HostileDialer(upstream);
  const events: SmtpEvent[] = [];
  const authenticator = new FakeAuthenticator();
  authenticator.account = { ...ANNA, target: { ...ANNA.target, tls: cell.upstreamTls } };
  const network = new MemoryNetwork();
  const service = await startFakeService(
    [{ kind: cell.port, host: "127.0.0.1", port: PORT }],
    { network, dialer, clock, authenticator, observe: (event) => void events.push(event) },
  );
  const client = new RetryingClient(() => network.connect(PORT), {
    clock,
    username: ANNA.mailbox,
    password: APP_PASSWORD,
    sender: ANNA.mailbox,
    recipient: "bob@example.org",
    way: cell.way,
    startTls: cell.port === "starttls",
    pieces: PIECES,
    retryDelayMs: RETRY_DELAY_MS,
  });
  const outcome = await finish(clock, client.send());
  const durationMs = clock.now() - startMs;
  client.close();
  const stopped = service.stop(0);
  dialer.close();
  await finish(clock, stopped);
  assert.deepEqual(dialer.misuses, [], "the contract of Transport was broken");
  assert.equal(clock.timers, 0, "a timer goes on");
  const deliveries = events.flatMap((event) =>
    event.type === "delivery" ? [event.delivery.outcome] : []
  );
  return { outcome, client, messages: upstream.messages, deliveries, durationMs };
}

/** Advances the clock until the work is done. */
async function finish<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let pending = true;
  const done = work.finally(() => pending = false);
  done.catch(() => {}); // It is awaited below.
  for (let passedMs = 0; pending && passedMs < LONGEST_MS; passedMs += STEP_MS) {
    await clock.advance(STEP_MS);
  }
  assert(!pending, "no end in sight");
  return await done;
}

/** Checks that no message arrives incomplete, or more often than the client sent it. */
function checkMessages({ client, messages, deliveries }: Result): void {
  for (const message of messages) assert(message === MESSAGE, "a message is not what was sent");
  assert(messages.length <= client.completedCount, "sent more often than the client did");
  const acceptedCount = deliveries.filter((delivery) => delivery === "accepted").length;
  const unknownCount = deliveries.filter((delivery) => delivery === "unknown").length;
  assert(messages.length >= acceptedCount, "a message is lost");
  assert(messages.length <= acceptedCount + unknownCount, "a message is there in secret");
}

function checkOnce(cell: Cell, result: Result): void {
  const { outcome, client, messages, deliveries } = result;
  const refusal = firstRefusal(cell);
  if (refusal === undefined) assert.deepEqual(client.refusals, []);
  else assert.match(client.refusals[0] ?? "none", refusal);
  assert.equal(outcome, refusal === PASSED_ON["5xx"] ? "refused" : "accepted");
  checkMessages(result);
  // The verdict on the first copy was lost: it may be there, so nobody but the client may send another.
  const verdictLost = cell.phase === "end" && refusal === LOST;
  assert.equal(messages.length, (outcome === "accepted" ? 1 : 0) + (verdictLost ? 1 : 0));
  if (cell.fault !== "stall") assert.equal(deliveries.includes("unknown"), verdictLost);
}

/** Checks a cell whose fault never ends. */
function checkForGood(cell: Cell, result: Result): void {
  const { outcome, client, messages } = result;
  const isSplit = cell.fault === "split";
  // Before the sign-in, even 5xx says nothing about the account: a false 535 would make a mail program ask for a password.
  const isPermanent = cell.fault === "5xx" && ![NO_LOGIN, LOST].includes(firstRefusal(cell)!);
  assert.equal(outcome, isSplit ? "accepted" : isPermanent ? "refused" : "given up");
  for (const refusal of client.refusals) assert.match(refusal, isPermanent ? /^5/ : /^4/);
  checkMessages(result);
  if (cell.phase !== "end" && !isSplit) assert.equal(messages.length, 0);
}

/** Where an extra reply could become the verdict on a message; before, it only ends the connection. */
const BEFORE_THE_VERDICT: readonly Phase[] = ["AUTH", "MAIL", "RCPT", "DATA", "body"];

function applies({ phase, fault, chunking, upstreamTls }: Cell): boolean {
  if (EXTRA.includes(fault) && !BEFORE_THE_VERDICT.includes(phase)) return false;
  switch (phase) {
    case "connect":
      return fault === "reset" || fault === "stall";
    case "handshake":
      // What is said in plain text there needs real TLS to go wrong.
      return upstreamTls === "starttls" && ["reset", "close", "stall"].includes(fault);
    case "STARTTLS":
      return upstreamTls === "starttls";
    case "DATA":
      return !chunking;
    default:
      return true;
  }
}

const WAYS = [
  { way: "DATA", chunking: false, port: "plain", upstreamTls: "starttls" },
  { way: "DATA", chunking: true, port: "starttls", upstreamTls: "implicit" },
  { way: "DATA", chunking: true, port: "tls", upstreamTls: "starttls" },
  { way: "BDAT", chunking: true, port: "plain", upstreamTls: "starttls" },
  { way: "BDAT", chunking: false, port: "starttls", upstreamTls: "starttls" },
  { way: "BDAT", chunking: false, port: "tls", upstreamTls: "implicit" },
] as const;

function testAll(what: string, check: (cell: Cell, result: Result) => void, times: number): void {
  for (const phase of PHASES) {
    for (const fault of FAULTS) {
      const cells = WAYS.map((way): Cell => ({ phase, fault, ...way })).filter(applies);
      if (cells.length === 0) continue;
      Deno.test(`${rowOf(phase, fault)}: ${fault} at ${phase} ${what}`, async (test) => {
        for (const cell of cells) {
          const { way, chunking, port, upstreamTls } = cell;
          const upstreamWay = chunking ? "BDAT" : "DATA";
          const name = `${way} on a ${port} port, ${upstreamWay} upstream (TLS: ${upstreamTls})`;
          await test.step(name, async () => check(cell, await run(cell, times)));
        }
      });
    }
  }
}

testAll("once: the message arrives", checkOnce, 1);
testAll("every time: the client is told the truth", checkForGood, Infinity);

Deno.test("U2: a warm connection on which nothing comes back is replaced before the client gives up", async () => {
  for (const way of WAYS) {
    const { durationMs } = await run({ phase: "MAIL", fault: "stall", ...way });
    assert(durationMs < CLIENT_TIMEOUT_MS, `${durationMs} ms`);
  }
});
