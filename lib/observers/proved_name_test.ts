import assert from "node:assert/strict";
import type { SmtpEvent } from "../../smtp/mod.ts";
import { SOME_ACCOUNT, SOME_CLIENT } from "../testing/smtp_events.ts";
import { confirmProvedNames } from "./proved_name.ts";

function login(changes: Partial<Extract<SmtpEvent, { type: "login" }>>): SmtpEvent {
  return { type: "login", client: SOME_CLIENT, username: "anna", durationMs: 1, ...changes };
}

Deno.test("confirmProvedNames() confirms the name of a successful login, unless it is confirmed", () => {
  const confirmed: string[][] = [];
  const observe = confirmProvedNames({
    confirmSignInName: (...names) => Promise.resolve(confirmed.push(names) > 0),
  }, (error) => assert.fail(String(error)));
  const unconfirmed = { ...SOME_ACCOUNT, signInName: "u1@x.example", otherName: "a@x.example" };
  observe(login({ account: SOME_ACCOUNT }));
  observe(login({ account: unconfirmed, failure: "refused" }));
  observe(login({ failure: "invalid" }));
  assert.deepEqual(confirmed, []);
  observe(login({ account: unconfirmed }));
  assert.deepEqual(confirmed, [["a1", "u1@x.example"]]);
});
