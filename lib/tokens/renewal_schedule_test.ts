import assert from "node:assert/strict";
import { DAY_MS, MINUTE_MS } from "../base/mod.ts";
import {
  activeRenewalAtMs,
  condition,
  dormantRenewalAtMs,
  earliestDormantRenewalAtMs,
  isActive,
  isOld,
  RenewalSchedule,
  type TokenTimes,
} from "./renewal_schedule.ts";

function times(lifetimeMinutes: number): TokenTimes {
  return { obtainedAtMs: 0, accessTokenExpiresAtMs: lifetimeMinutes * MINUTE_MS };
}

Deno.test("condition() wants ten minutes, needs one, and is content with less for short lives", () => {
  const cases: [lifetime: number, age: number, expected: string][] = [
    [60, 0, "fresh"],
    [60, 50, "fresh"],
    [60, 51, "stale"],
    [60, 59, "stale"],
    [60, 59.5, "dead"],
    [60, 70, "dead"],
    [6, 3, "fresh"],
    [6, 4.5, "stale"],
  ];
  for (const [lifetime, age, expected] of cases) {
    assert.equal(condition(times(lifetime), age * MINUTE_MS), expected, `${lifetime} ${age}`);
  }
});

Deno.test("activeRenewalAtMs() is near two thirds of the life, and leaves ten minutes where it can", () => {
  for (const random of [0, 0.5, 0.999]) {
    const minute = (lifetime: number) =>
      activeRenewalAtMs(times(lifetime), () => random) / MINUTE_MS;
    assert.ok(minute(60) > 35 && minute(60) <= 40);
    assert.ok(minute(90) > 53 && minute(90) <= 60);
    assert.ok(minute(24) > 11 && minute(24) <= 14);
    assert.ok(minute(4) > 1.5 && minute(4) <= 2);
  }
});

Deno.test("activeRenewalAtMs() is not misled when the refresh token is older than the access token", () => {
  const accessTokenExpiresAtMs = 30 * DAY_MS;
  const atMs = activeRenewalAtMs({ obtainedAtMs: 0, accessTokenExpiresAtMs }, () => 0);
  assert.equal(accessTokenExpiresAtMs - atMs, 30 * MINUTE_MS);
});

Deno.test("a dormant account is renewed within two weeks, and is old long before 90 days", () => {
  for (const random of [0, 0.999]) {
    const atMs = dormantRenewalAtMs(0, () => random);
    assert.ok(atMs >= earliestDormantRenewalAtMs(0));
    assert.ok(atMs > 11 * DAY_MS && atMs <= 14 * DAY_MS);
  }
  assert.equal(isOld(0, 40 * DAY_MS), false);
  assert.equal(isOld(0, 50 * DAY_MS), true);
  assert.equal(isActive(0, 2.9 * DAY_MS), true);
  assert.equal(isActive(0, 3 * DAY_MS), false);
});

Deno.test("RenewalSchedule has few durations for many accounts: the runtime keeps a list for each", () => {
  const durations = new Set<number>();
  const clock = {
    now: () => 0,
    setTimer(delayMs: number) {
      durations.add(delayMs);
      return { cancel() {} };
    },
  };
  const tokens = { obtainedAtMs: 0, accessTokenExpiresAtMs: 60 * MINUTE_MS };
  const schedule = new RenewalSchedule(clock, Math.random, 0, () => {});
  for (let account = 0; account < 10_000; account++) {
    schedule.plan({ refreshedAtMs: 0, tokens }, 0);
    assert.ok(schedule.nextAtMs! > 35 * MINUTE_MS && schedule.nextAtMs! <= 40 * MINUTE_MS);
  }
  assert.ok(durations.size <= 5 * 60, `${durations.size} durations`);
});
