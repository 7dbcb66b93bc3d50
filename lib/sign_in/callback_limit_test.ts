import assert from "node:assert/strict";
import { MINUTE_MS } from "../base/mod.ts";
import { CallbackLimit } from "./callback_limit.ts";

/** Counts how many enter before one is turned away. */
function countEntering(limit: CallbackLimit, addressOf: (index: number) => string): number {
  for (let index = 0;; index++) {
    if (index > 10_000 || !limit.enter({ address: addressOf(index) })) return index;
  }
}

function startLimit() {
  const clock = { nowMs: 0, now: () => clock.nowMs };
  return { clock, limit: new CallbackLimit(clock) };
}

Deno.test("CallbackLimit bounds failures by network: IPv4, /64, /56 and /48", () => {
  const { limit } = startLimit();
  assert.equal(countEntering(limit, () => "192.0.2.1"), 10);
  assert.equal(countEntering(limit, (index) => `2001:db8:0:1::${index + 1}`), 10);
  assert.equal(countEntering(limit, (index) => `2001:db8:0:${(index + 2).toString(16)}::1`), 10);
  assert.equal(countEntering(limit, (index) => `2001:db8:0:${(index + 1).toString(16)}00::1`), 20);
});

Deno.test("CallbackLimit bounds failures in total, but not for networks that have signed in", () => {
  const { limit } = startLimit();
  limit.prove({ address: "192.0.2.1" });
  assert.equal(countEntering(limit, (index) => `10.0.${index >> 8}.${index & 255}`), 300);
  assert(!limit.enter({ address: "192.0.2.2" }));
  assert.equal(countEntering(limit, () => "192.0.2.1"), 10);
});

Deno.test("CallbackLimit does not count what has worked, and forgets after ten minutes", () => {
  const { limit, clock } = startLimit();
  for (let count = 0; count < 1_000; count++) {
    assert(limit.enter({ address: "192.0.2.1" }));
    limit.succeeded({ address: "192.0.2.1" });
  }
  countEntering(limit, () => "192.0.2.1");
  clock.nowMs = 10 * MINUTE_MS;
  assert(limit.enter({ address: "192.0.2.1" }));
});

Deno.test("CallbackLimit counts a browser that is known alone, whatever others at its address have done", () => {
  const { limit } = startLimit();
  const address = "192.0.2.1";
  countEntering(limit, () => address);
  countEntering(limit, (index) => `10.0.${index >> 8}.${index & 255}`);
  for (let count = 0; count < 10; count++) assert(limit.enter({ address, browser: "a" }));
  assert(!limit.enter({ address, browser: "a" }));
  assert(limit.enter({ address, browser: "b" }));
  limit.succeeded({ address, browser: "a" });
  assert(limit.enter({ address, browser: "a" }));
});
