import assert from "node:assert/strict";
import { AbuseLimits, DEFAULT_SESSION_LIMITS } from "./limits.ts";

const LIMITS = {
  ...DEFAULT_SESSION_LIMITS,
  errorCount: 3,
  loginFailureCount: 2,
  idleCommandCount: 2,
};

Deno.test("S14: AbuseLimits ends with the last error of the limit, counted in a row", () => {
  const discipline = new AbuseLimits(LIMITS);
  assert(!discipline.refused());
  assert(!discipline.refused());
  discipline.accepted();
  assert(!discipline.refused());
  assert(!discipline.refused());
  assert(discipline.refused());
});

Deno.test("S14: AbuseLimits allows so many commands that send nothing, until a message is sent", () => {
  const discipline = new AbuseLimits(LIMITS);
  assert(!discipline.wastesTime("NOOP"));
  assert(!discipline.wastesTime("EHLO"));
  assert(discipline.wastesTime("RSET"));
  discipline.accepted();
  assert(discipline.wastesTime("VRFY"));
  discipline.sent();
  assert(!discipline.wastesTime("NOOP"));
});

Deno.test("AbuseLimits does not count commands that lead to a message", () => {
  const discipline = new AbuseLimits(LIMITS);
  for (const verb of ["MAIL", "RCPT", "DATA", "BDAT", "AUTH", "STARTTLS", "QUIT"] as const) {
    for (let i = 0; i < 5; i++) assert(!discipline.wastesTime(verb), verb);
  }
});

Deno.test("S19: AbuseLimits ends with the last failed login of the limit, whatever lies between", () => {
  const discipline = new AbuseLimits(LIMITS);
  assert(!discipline.loginFailed());
  discipline.accepted();
  discipline.sent();
  assert(discipline.loginFailed());
});
