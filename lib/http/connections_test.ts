import assert from "node:assert/strict";
import { HttpConnections } from "./connections.ts";
import { RESERVED_CONNECTIONS } from "./limits.ts";

const LIMITS = { connectionCount: RESERVED_CONNECTIONS + 3, connectionCountPerNetwork: 1 };

/** Connections by address; those that were closed are remembered. */
class Crowd {
  readonly connections = new HttpConnections(LIMITS);
  readonly closed: string[] = [];

  enter(address: string, trusted = false) {
    const socket = { destroy: () => this.closed.push(address) };
    return this.connections.enter(socket as never, address, trusted);
  }

  /** Enters with a request in progress. */
  work(address: string) {
    const connection = this.enter(address);
    if (connection) connection.isWorking = true;
    return connection !== undefined;
  }
}

Deno.test("W10: HttpConnections lets the oldest idle connection of a network make room", () => {
  const crowd = new Crowd();
  crowd.enter("192.0.2.1");
  crowd.enter("192.0.2.2");
  assert(crowd.enter("192.0.2.2"));
  assert.deepEqual(crowd.closed, ["192.0.2.2"]);
});

Deno.test("W10: HttpConnections refuses a network that has as many requests in progress", () => {
  const crowd = new Crowd();
  assert(crowd.work("192.0.2.1"));
  assert(!crowd.work("192.0.2.1"));
  assert(crowd.work("192.0.2.2"));
});

Deno.test("W10: HttpConnections counts IPv6 by /64, /56 and /48", () => {
  const crowd = new Crowd();
  assert(crowd.work("2001:db8:0:1::1"));
  assert(!crowd.work("2001:db8:0:1::2"), "the same /64");
  assert(crowd.work("2001:db8:0:2::1"));
  assert(!crowd.work("2001:db8:0:3::1"), "the third of a /56");
  assert(crowd.work("2001:db8:0:100::1"));
});

Deno.test("W10: HttpConnections keeps places for this machine and trusted proxies", () => {
  const crowd = new Crowd();
  for (let host = 1; host <= 3; host++) assert(crowd.work(`192.0.2.${host}`));
  assert(!crowd.work("192.0.2.4"));
  assert(crowd.enter("127.0.0.1", true));
  assert(crowd.enter("127.0.0.1", true), "no limit by network");
});

Deno.test("W10: HttpConnections bounds the requests of a connection that wait", () => {
  const crowd = new Crowd();
  const connection = crowd.enter("192.0.2.1")!;
  let count = 0;
  while (crowd.connections.begin(connection)) count++;
  assert.equal(count, 16);
  connection.waitingCount = 0;
  connection.excessCount = 1;
  assert(!crowd.connections.begin(connection), "none after one that gets no answer");
});
