import assert from "node:assert/strict";
import { AbuseLimits, DEFAULT_SESSION_LIMITS, FIXED_SESSION_LIMITS } from "./limits.ts";

const LIMITS = {
  ...DEFAULT_SESSION_LIMITS,
  ...FIXED_SESSION_LIMITS,
  errorCount: 3,
  loginFailureCount: 2,
  idleCommandCount: 2,
};

Deno.test("S14: AbuseLimits counts errors in a row up to the limit", () => {
  const abuse = new AbuseLimits(LIMITS);
  assert(!abuse.commandRefused());
  assert(!abuse.commandRefused());
  abuse.commandAccepted();
  assert(!abuse.commandRefused());
  assert(!abuse.commandRefused());
  assert(abuse.commandRefused());
});

Deno.test("S14: AbuseLimits limits commands without effect, until a message is sent", () => {
  const abuse = new AbuseLimits(LIMITS);
  assert(!abuse.commandReceived("NOOP"));
  assert(!abuse.commandReceived("EHLO"));
  assert(abuse.commandReceived("RSET"));
  abuse.commandAccepted();
  assert(abuse.commandReceived("VRFY"));
  abuse.messageAccepted();
  assert(!abuse.commandReceived("NOOP"));
});

Deno.test("AbuseLimits does not count commands that lead to a message", () => {
  const abuse = new AbuseLimits(LIMITS);
  for (const verb of ["MAIL", "RCPT", "DATA", "BDAT", "AUTH", "STARTTLS", "QUIT"] as const) {
    for (let i = 0; i < 5; i++) assert(!abuse.commandReceived(verb), verb);
  }
});

Deno.test("S19: AbuseLimits ends with the last failed login of the limit, whatever lies between", () => {
  const abuse = new AbuseLimits(LIMITS);
  assert(!abuse.loginFailed());
  abuse.commandAccepted();
  abuse.messageAccepted();
  assert(abuse.loginFailed());
});
