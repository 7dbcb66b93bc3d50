import assert from "node:assert/strict";
import type { NewAlert } from "../alerts/mod.ts";
import { DAY_MS, HOUR_MS } from "../base/mod.ts";
import type { RegistrationStatus } from "../microsoft/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { settle } from "../testing/settle.ts";
import { RegistrationWatch } from "./registration_watch.ts";

const START_MS = Date.parse("2027-01-01T00:00:00Z");

const BY_SECRET: RegistrationStatus = {
  clientId: "app-1",
  tenant: "common",
  authentication: "secret",
  sendsForMailboxes: false,
  endsAtMs: START_MS + 40 * DAY_MS,
};

function createWatch(read: () => readonly RegistrationStatus[]) {
  const clock = new ManualClock(START_MS, settle);
  const standing = new Map<string, NewAlert>();
  const raised: string[] = [];
  const alerts = {
    raise: (alert: NewAlert) => {
      if (!standing.has(alert.subject)) raised.push(alert.text);
      standing.set(alert.subject, alert);
    },
    clear: (_kind: string, subject: string) => void standing.delete(subject),
  };
  let enter = () => {};
  const registrations = {
    list: () => Promise.try(() => read().map((one) => ({ ...one, isEndEntered: false }))),
    onEntered: (listener: () => void) => {
      enter = listener;
      return () => {};
    },
  };
  const watch = new RegistrationWatch({ registrations, alerts, clock });
  return { clock, watch, raised, standing, enter: () => enter() };
}

Deno.test("RegistrationWatch warns 30 and 7 days before a secret ends, and when it has ended", async () => {
  const { clock, watch, raised, standing } = createWatch(() => [BY_SECRET]);
  await watch.start();
  const days: (readonly [number, number])[] = [];
  for (let day = 1; day <= 42; day++) {
    await clock.advance(DAY_MS);
    if (raised.length > days.length) days.push([day, raised.length]);
  }
  assert.deepEqual(days, [[11, 1], [34, 2], [40, 3]]);
  const text = "The client secret of the app registration app-1";
  assert.deepEqual(raised, [
    `${text} ends on 2027-02-10.`,
    `${text} ends on 2027-02-10.`,
    `${text} ended on 2027-02-10.`,
  ]);
  const [alert, ...others] = standing.values();
  assert.deepEqual(others, []);
  assert.equal(alert?.kind, "registration-ending");
  assert.match(alert.remedy, /APP_SECRET_EXPIRES/);
  watch.stop();
  assert.equal(clock.timers, 0);
});

Deno.test("RegistrationWatch notices a renewed certificate within an hour", async () => {
  let endsAtMs = START_MS + 10 * DAY_MS;
  const { clock, watch, standing } = createWatch(() => [
    { ...BY_SECRET, authentication: "certificate", endsAtMs },
  ]);
  await watch.start();
  assert.match([...standing.values()][0]!.text, /^The certificate of .* ends on 2027-01-11\.$/);
  endsAtMs += 365 * DAY_MS;
  await clock.advance(HOUR_MS);
  assert.deepEqual([...standing], []);
  watch.stop();
});

Deno.test("RegistrationWatch says nothing where no end is known", async () => {
  const { clock, watch, standing } = createWatch(() => [{ ...BY_SECRET, endsAtMs: undefined }]);
  await watch.start();
  await clock.advance(2 * HOUR_MS);
  assert.deepEqual([...standing], []);
  watch.stop();
});

Deno.test("RegistrationWatch looks again as soon as an end is entered", async () => {
  let endsAtMs = START_MS + DAY_MS;
  const { watch, standing, enter } = createWatch(() => [{ ...BY_SECRET, endsAtMs }]);
  await watch.start();
  assert.equal(standing.size, 1);
  endsAtMs += 365 * DAY_MS;
  enter();
  await settle();
  assert.deepEqual([...standing], []);
  watch.stop();
});

Deno.test("RegistrationWatch goes on after a failure of the database", async () => {
  let isBroken = true;
  const { clock, watch, standing } = createWatch(() => {
    if (isBroken) throw new Error("the database is away");
    return [{ ...BY_SECRET, endsAtMs: START_MS + DAY_MS }];
  });
  await watch.start();
  assert.equal(standing.size, 0);
  isBroken = false;
  await clock.advance(HOUR_MS);
  assert.equal(standing.size, 1);
  watch.stop();
});
