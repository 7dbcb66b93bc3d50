import assert from "node:assert/strict";
import type { SmtpEvent } from "../events.ts";
import { Acceptor, headerRule, type Incoming, type ProxyPolicy } from "./acceptor.ts";
import { settle } from "../testing/manual_clock.ts";
import type { HeaderOptions } from "./header_reader.ts";

const PROXY = "192.0.2.1";
const WAITING_LIMIT = 256;

const RULES: readonly (readonly [ProxyPolicy["mode"], trusted: boolean, rule: string])[] = [
  ["off", true, "none"],
  ["off", false, "none"],
  ["optional", true, "optional"],
  ["optional", false, "none"],
  ["required", true, "required"],
  ["required", false, "refused"],
];

for (const [mode, trusted, rule] of RULES) {
  const peer = trusted ? "a trusted peer" : "anyone else";
  Deno.test(`S21: headerRule() is ${rule} for ${peer} when headers are ${mode}`, () => {
    const policy = {
      mode,
      trusted: { includes: (address: string) => trusted && address === PROXY },
    };
    assert.equal(headerRule(policy, PROXY), rule);
  });
}

/** A connection that a test plays. */
class FakeIncoming implements Incoming<string> {
  readonly peerAddress = PROXY;
  readonly start = Promise.withResolvers<string>();
  askedFor: HeaderOptions | undefined;
  outcome: string | undefined;

  readHeader(options: HeaderOptions): Promise<string> {
    this.askedFor = options;
    return this.start.promise;
  }

  accept(start: string | undefined): void {
    this.outcome = `accepted as ${start ?? "itself"}`;
  }

  drop(): void {
    this.outcome = "dropped";
  }
}

function createFixture(mode: ProxyPolicy["mode"], trusted = true) {
  const events: SmtpEvent[] = [];
  const acceptor = new Acceptor({
    proxyProtocol: { mode, trusted: { includes: () => trusted } },
    silenceMs: 500,
    observe: (event) => events.push(event),
  });
  const receive = () => {
    const incoming = new FakeIncoming();
    acceptor.receive(incoming);
    return incoming;
  };
  return { events, receive };
}

Deno.test("Acceptor accepts connections at once if no header is expected", () => {
  for (
    const { receive } of [
      createFixture("off"),
      createFixture("off", false),
      createFixture("optional", false),
    ]
  ) {
    assert.equal(receive().outcome, "accepted as itself");
  }
});

Deno.test("Acceptor waits for the header of a trusted peer", async () => {
  const { receive } = createFixture("optional");
  const incoming = receive();
  assert.deepEqual(incoming.askedFor, { required: false, silenceMs: 500 });
  assert.equal(incoming.outcome, undefined);
  incoming.start.resolve("somebody");
  await settle();
  assert.equal(incoming.outcome, "accepted as somebody");
});

Deno.test("S21: Acceptor refuses and reports clients that do not come through a trusted proxy", () => {
  const { receive, events } = createFixture("required", false);
  assert.equal(receive().outcome, "dropped");
  const reason = "not through a trusted proxy";
  assert.deepEqual(events, [{ type: "rejected", address: PROXY, reason, cause: undefined }]);
});

Deno.test("S18: Acceptor limits the connections that wait for their header", async () => {
  const { receive, events } = createFixture("required");
  const waiting = Array.from({ length: WAITING_LIMIT }, receive);
  assert.equal(receive().outcome, "dropped");
  assert(
    events.every((event) => event.type === "rejected" && event.reason === "too many connections"),
  );
  waiting[0]!.start.reject(new Error("no header"));
  await settle();
  assert.equal(waiting[0]!.outcome, "dropped");
  assert.equal(receive().outcome, undefined);
});
