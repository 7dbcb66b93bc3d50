import assert from "node:assert/strict";
import { ConnectionLimit } from "./connection_limit.ts";

const HERE = "192.0.2.1";
const THERE = "2001:db8:0:0::/64";

Deno.test("S18: ConnectionLimit turns away who is one too many of all", () => {
  const limit = new ConnectionLimit({ connectionCount: 2, connectionCountPerAddress: 10 });
  assert(limit.enter(HERE));
  assert(limit.enter(THERE));
  assert(!limit.enter(HERE));
  limit.leave(THERE);
  assert(limit.enter(HERE));
});

Deno.test("S18: ConnectionLimit turns away who is one too many of a network, and nobody else", () => {
  const limit = new ConnectionLimit({ connectionCount: 10, connectionCountPerAddress: 1 });
  assert(limit.enter(HERE));
  assert(!limit.enter(HERE));
  assert(limit.enter(THERE));
  limit.leave(HERE);
  assert(limit.enter(HERE));
});
