import assert from "node:assert/strict";
import { InputError } from "../accounts/mod.ts";
import type { RegistrationStatus } from "../microsoft/mod.ts";
import { withStore } from "../store/testing.ts";
import { Registrations } from "./registrations.ts";

const END_MS = Date.parse("2028-11-30T00:00:00Z");

const UNKNOWN: RegistrationStatus = {
  clientId: "app-1",
  tenant: "common",
  authentication: "secret",
  sendsForMailboxes: false,
};
const IN_SETTINGS: RegistrationStatus = { ...UNKNOWN, clientId: "app-2", endsAtMs: 5 };
const CERTIFICATE: RegistrationStatus = {
  ...UNKNOWN,
  clientId: "app-3",
  authentication: "certificate",
  endsAtMs: 6,
};

Deno.test("Registrations takes the end of a secret", () =>
  withStore(async ({ store: { secretEnds } }) => {
    const microsoft = { registrations: () => [UNKNOWN, IN_SETTINGS, CERTIFICATE] };
    const registrations = new Registrations({ microsoft, secretEnds });
    let told = 0;
    const remove = registrations.onEntered(() => told++);
    await registrations.enterEnd("app-1", " 2028-11-30 ");
    assert.deepEqual(
      (await registrations.list()).map(({ endsAtMs, isEndEntered }) => [endsAtMs, isEndEntered]),
      [[END_MS, true], [5, false], [6, false]],
    );
    assert.equal(told, 1);
    remove();
  }));

Deno.test("Registrations lets the settings win over an end that was entered before", () =>
  withStore(async ({ store: { secretEnds } }) => {
    await secretEnds.set({ clientId: "app-2", endsAtMs: END_MS });
    const microsoft = { registrations: () => [IN_SETTINGS] };
    const [known] = await new Registrations({ microsoft, secretEnds }).list();
    assert.deepEqual([known!.endsAtMs, known!.isEndEntered], [5, false]);
  }));

Deno.test("Registrations rejects days that do not exist, and ends that are not to be entered", () =>
  withStore(async ({ store: { secretEnds } }) => {
    const microsoft = { registrations: () => [UNKNOWN, IN_SETTINGS, CERTIFICATE] };
    const registrations = new Registrations({ microsoft, secretEnds });
    for (const day of ["30.11.2028", "2028-02-31", "2028-13-01", "soon", ""]) {
      await assert.rejects(registrations.enterEnd("app-1", day), InputError, day);
    }
    for (const clientId of ["app-2", "app-3", "app-4"]) {
      await assert.rejects(registrations.enterEnd(clientId, "2028-11-30"), InputError, clientId);
    }
    assert.deepEqual(await secretEnds.list(), []);
  }));
