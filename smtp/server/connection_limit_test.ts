import assert from "node:assert/strict";
import { ConnectionLimit, type ServerLimits } from "./connection_limit.ts";

const ROOMY: ServerLimits = { connectionCount: 100, connectionCountPerAddress: 100 };

/** Clients by name, of which some were made to leave. */
class Crowd {
  readonly evicted: string[] = [];
  readonly #limit: ConnectionLimit;

  constructor(limits: Partial<ServerLimits>) {
    this.#limit = new ConnectionLimit({ ...ROOMY, ...limits });
  }

  get size(): number {
    return this.#limit.connectionCount;
  }

  /** A client comes, and perhaps logs in. */
  enter(address: string, accountId?: string) {
    const place = this.#limit.enter(address, () => this.evicted.push(address));
    if (place && accountId !== undefined) assert(this.#limit.logIn(place, accountId));
    return place && {
      leave: () => this.#limit.leave(place),
      logIn: (accountId: string) => this.#limit.logIn(place, accountId),
    };
  }
}

Deno.test("S18: ConnectionLimit lets the oldest client without a login make room for another", () => {
  const crowd = new Crowd({ connectionCount: 3 });
  crowd.enter("192.0.2.1", "anna");
  crowd.enter("192.0.2.2");
  crowd.enter("192.0.2.3");
  assert(crowd.enter("192.0.2.4"));
  assert.deepEqual(crowd.evicted, ["192.0.2.2"]);
  assert.equal(crowd.size, 3);
});

Deno.test("S18: ConnectionLimit rejects a client if all others have logged in", () => {
  const crowd = new Crowd({ connectionCount: 2 });
  const first = crowd.enter("192.0.2.1", "anna");
  crowd.enter("192.0.2.2", "bert");
  assert(!crowd.enter("192.0.2.3"));
  first!.leave();
  assert(crowd.enter("192.0.2.3"));
  assert.deepEqual(crowd.evicted, []);
});

Deno.test("S18: forty unknown networks do not keep out a client that has logged in before", () => {
  const crowd = new Crowd({ connectionCount: 2_000, connectionCountPerAddress: 50 });
  const anna = crowd.enter("192.0.2.1", "anna");
  anna!.leave();
  for (let network = 0; network < 40; network++) {
    for (let count = 0; count < 60; count++) crowd.enter(`198.51.100.${network}`);
  }
  assert(crowd.size <= 1_800, "the reserve is kept");
  for (let count = 0; count < 50; count++) assert(crowd.enter("192.0.2.1", "anna"));
  const [newcomer] = [crowd.enter("203.0.113.1")];
  assert(newcomer?.logIn("bert"), "strangers make room for others as well");
});

Deno.test("S18: one account cannot fill all places, not even from many networks", () => {
  const crowd = new Crowd({ connectionCount: 100, connectionCountPerAddress: 3 });
  const places = Array.from({ length: 10 }, (_, host) => crowd.enter(`198.51.100.${host}`));
  const admitted = places.filter((place) => place!.logIn("mallory"));
  assert.equal(admitted.length, 3);
  admitted[0]!.leave();
  assert(places[9]!.logIn("mallory"));
  assert(!places[8]!.logIn("mallory"));
});

Deno.test("S18: places are reserved for networks with a login", () => {
  const crowd = new Crowd({ connectionCount: 20 });
  crowd.enter("192.0.2.1", "anna");
  for (let host = 2; crowd.enter(`192.0.2.${host}`, `account ${host}`); host++);
  assert.equal(crowd.size, 18);
  assert(crowd.enter("192.0.2.1", "anna"));
  assert(crowd.enter("192.0.2.1", "anna"));
  assert(!crowd.enter("192.0.2.1"));
  assert.equal(crowd.size, 20);
});

Deno.test("S18: a flood of unknown clients displaces no client from a network with a login", () => {
  const crowd = new Crowd({ connectionCount: 10 });
  crowd.enter("192.0.2.1", "anna")!.leave();
  const slow = crowd.enter("192.0.2.1");
  for (let host = 1; host < 100; host++) crowd.enter(`198.51.100.${host}`);
  assert(!crowd.evicted.includes("192.0.2.1"));
  assert(slow!.logIn("anna"));
});

Deno.test("S18: ConnectionLimit makes room only within the network that is full", () => {
  const crowd = new Crowd({ connectionCountPerAddress: 2 });
  crowd.enter("192.0.2.9");
  crowd.enter("192.0.2.1");
  crowd.enter("192.0.2.1", "anna");
  assert(crowd.enter("192.0.2.1", "anna"), "a stranger at the same address makes room");
  assert.deepEqual(crowd.evicted, ["192.0.2.1"]);
  assert(!crowd.enter("192.0.2.1"));
  assert(crowd.enter("192.0.2.2"));
});

Deno.test("S18: ConnectionLimit counts IPv6 by /64, /56 and /48, with twice as many at each", () => {
  const crowd = new Crowd({ connectionCountPerAddress: 1 });
  const enter = (address: string) => crowd.enter(address, address) !== undefined;
  assert(enter("2001:db8:0:1::1"));
  assert(!enter("2001:db8:0:1::2"), "the same /64");
  assert(enter("2001:db8:0:2::1"));
  assert(!enter("2001:db8:0:3::1"), "the third of a /56");
  assert(enter("2001:db8:0:100::1"));
  assert(enter("2001:db8:0:200::1"));
  assert(!enter("2001:db8:0:300::1"), "the fifth of a /48");
  assert(enter("2001:db8:1::1"));
});

Deno.test("ConnectionLimit forgets a client that has left, once", () => {
  const crowd = new Crowd({ connectionCountPerAddress: 1 });
  const client = crowd.enter("192.0.2.1", "anna");
  assert(client!.leave());
  assert(!client!.leave());
  assert.equal(crowd.size, 0);
  assert(crowd.enter("192.0.2.1", "anna"));
});
