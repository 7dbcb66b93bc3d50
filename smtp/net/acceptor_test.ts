import assert from "node:assert/strict";
import type { SmtpEvent } from "../events.ts";
import { FrontDoor, type Visitor } from "./acceptor.ts";
import { settle } from "../testing/fake_time.ts";
import type { HeaderOptions, ProxyPolicy } from "./header_reader.ts";

const PROXY = "192.0.2.1";
const WAITING_LIMIT = 256;

/** A connection that a test plays. */
class FakeVisitor implements Visitor<string> {
  readonly peerAddress = PROXY;
  readonly introduction = Promise.withResolvers<string>();
  askedFor: HeaderOptions | undefined;
  outcome: string | undefined;

  introduce(options: HeaderOptions): Promise<string> {
    this.askedFor = options;
    return this.introduction.promise;
  }

  enter(introduction: string | undefined): void {
    this.outcome = `entered as ${introduction ?? "itself"}`;
  }

  drop(): void {
    this.outcome = "dropped";
  }
}

function setUp(mode: ProxyPolicy["mode"], trusted = true) {
  const events: SmtpEvent[] = [];
  const door = new FrontDoor({
    proxyProtocol: { mode, trusts: () => trusted },
    silenceMs: 500,
    observe: (event) => events.push(event),
  });
  const visit = () => {
    const visitor = new FakeVisitor();
    door.receive(visitor);
    return visitor;
  };
  return { events, visit };
}

Deno.test("FrontDoor lets visitors in at once where no header is due", () => {
  for (const { visit } of [setUp("off"), setUp("off", false), setUp("optional", false)]) {
    assert.equal(visit().outcome, "entered as itself");
  }
});

Deno.test("FrontDoor waits for the header of a trusted peer", async () => {
  const { visit } = setUp("optional");
  const visitor = visit();
  assert.deepEqual(visitor.askedFor, { required: false, silenceMs: 500 });
  assert.equal(visitor.outcome, undefined);
  visitor.introduction.resolve("somebody");
  await settle();
  assert.equal(visitor.outcome, "entered as somebody");
});

Deno.test("S21: FrontDoor refuses who does not come through a trusted proxy, and says so", () => {
  const { visit, events } = setUp("required", false);
  assert.equal(visit().outcome, "dropped");
  const reason = "not through a trusted proxy";
  assert.deepEqual(events, [{ type: "rejected", address: PROXY, reason, cause: undefined }]);
});

Deno.test("S18: FrontDoor lets only so many wait for their header", async () => {
  const { visit, events } = setUp("required");
  const waiting = Array.from({ length: WAITING_LIMIT }, visit);
  assert.equal(visit().outcome, "dropped");
  assert(
    events.every((event) => event.type === "rejected" && event.reason === "too many connections"),
  );
  waiting[0]!.introduction.reject(new Error("no header"));
  await settle();
  assert.equal(waiting[0]!.outcome, "dropped");
  assert.equal(visit().outcome, undefined);
});
