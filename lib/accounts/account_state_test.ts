import assert from "node:assert/strict";
import { explainState } from "./account_state.ts";

const WORK = {
  email: "nora@corp.example",
  tenantId: "22222222-2222-4222-8222-222222222222",
  appOnly: false,
};
const DISABLED = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled " +
  "for the Mailbox.";

Deno.test("explainState() explains a required sign-in by its code, and a refusal by its reply", () => {
  assert.equal(explainState({ ...WORK, state: "active" }), undefined);
  const signIn = { ...WORK, state: "sign-in-required", stateReason: "AADSTS700082" } as const;
  assert.equal(explainState(signIn)?.code, "AADSTS700082");
  const refused = explainState({ ...WORK, state: "refused", stateReason: DISABLED });
  assert.equal(refused?.code, "535 5.7.139");
  assert.equal(refused.fixer, "tenant-admin");
  assert.match(refused.command!, /-Identity nora@corp\.example /);
});
