import assert from "node:assert/strict";
import { Census, createCensusMemory } from "./census.ts";

const HERE = "192.0.2.1";
const THERE = "2001:db8:0:0::/64";

Deno.test("S18: Census turns away who is one too many of all", () => {
  const census = new Census(
    { connectionCount: 2, connectionCountPerAddress: 10 },
    createCensusMemory(),
  );
  assert(census.enter(HERE));
  assert(census.enter(THERE));
  assert(!census.enter(HERE));
  assert.equal(census.connectionCount, 2);
  census.leave(THERE);
  assert(census.enter(HERE));
});

Deno.test("S18: Census turns away who is one too many of a network, and nobody else", () => {
  const census = new Census(
    { connectionCount: 10, connectionCountPerAddress: 1 },
    createCensusMemory(),
  );
  assert(census.enter(HERE));
  assert(!census.enter(HERE));
  assert(census.enter(THERE));
  census.leave(HERE);
  assert(census.enter(HERE));
});

Deno.test("S18: Each Census counts for all that share its memory", () => {
  const memory = createCensusMemory();
  const limits = { connectionCount: 10, connectionCountPerAddress: 1 };
  const [one, other] = [new Census(limits, memory), new Census(limits, memory)];
  assert(one.enter(HERE));
  assert(!other.enter(HERE));
  one.leave(HERE);
  assert(other.enter(HERE));
});

Deno.test("Census hardly ever lets two networks share a counter", () => {
  const census = new Census(
    { connectionCount: 10_000, connectionCountPerAddress: 1 },
    createCensusMemory(),
  );
  const networks = Array.from({ length: 1_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  const turnedAway = networks.filter((network) => !census.enter(network));
  // Some 8 of 1,000 are to be expected by chance.
  assert(turnedAway.length < 50, `${turnedAway.length} were turned away`);
});
