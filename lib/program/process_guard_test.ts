import assert from "node:assert/strict";
import { MINUTE_MS } from "../base/mod.ts";
import { ProcessGuard } from "./process_guard.ts";

function createGuard() {
  const seen = { logged: [] as string[], errors: 0, gaveUp: 0, nowMs: 0 };
  const note = (message: string) => void seen.logged.push(message);
  const guard = new ProcessGuard({
    log: { error: note, fatal: note } as never,
    now: () => seen.nowMs,
    onError: () => seen.errors++,
    giveUp: () => seen.gaveUp++,
  });
  return { guard, seen };
}

Deno.test("ProcessGuard keeps the program alive after single errors", () => {
  const { guard, seen } = createGuard();
  for (let count = 0; count < 100; count++) {
    guard.handle("uncaught exception", new Error("x"));
    seen.nowMs += MINUTE_MS / 8;
  }
  assert.equal(seen.errors, 100);
  assert.equal(seen.gaveUp, 0);
});

Deno.test("ProcessGuard gives up, once, after many errors in a minute", () => {
  const { guard, seen } = createGuard();
  for (let count = 0; count < 20; count++) guard.handle("unhandled rejection", "text");
  assert.equal(seen.gaveUp, 1);
  assert.equal(seen.logged.filter((line) => line.startsWith("too many")).length, 1);
});

Deno.test("ProcessGuard hears of errors of the process, and keeps them from ending it", () => {
  const { guard, seen } = createGuard();
  const target = new EventTarget();
  guard.install(target);
  const error = new ErrorEvent("error", { error: new Error("x"), cancelable: true });
  const rejection = new PromiseRejectionEvent("unhandledrejection", {
    promise: Promise.resolve(),
    reason: new Error("y"),
    cancelable: true,
  });
  target.dispatchEvent(error);
  target.dispatchEvent(rejection);
  assert.ok(error.defaultPrevented && rejection.defaultPrevented);
  assert.deepEqual(seen.logged, ["uncaught exception", "unhandled rejection"]);
});
