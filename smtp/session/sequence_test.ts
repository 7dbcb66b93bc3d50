import assert from "node:assert/strict";
import type { Verb } from "../protocol/command.ts";
import { outOfOrder, type State } from "./sequence.ts";

const STATES: readonly State[] = ["new", "greeted", "ready", "mail", "recipients", "chunks"];

/** The reply code to each command in each state, in the order of STATES; `ok` where it is in order. */
const TABLE: Readonly<Record<Verb, string>> = {
  //         new greeted ready mail recipients chunks
  EHLO: "     ok  ok      ok    ok   ok         ok",
  HELO: "     ok  ok      ok    ok   ok         ok",
  STARTTLS: " ok  ok      503   503  503        503",
  AUTH: "     503 ok      503   503  503        503",
  MAIL: "     503 530     ok    503  503        503",
  RCPT: "     503 530     503   ok   ok         503",
  DATA: "     503 530     503   503  ok         503",
  BDAT: "     503 530     503   503  ok         ok",
  RSET: "     ok  ok      ok    ok   ok         ok",
  QUIT: "     ok  ok      ok    ok   ok         ok",
  NOOP: "     ok  ok      ok    ok   ok         ok",
  HELP: "     ok  ok      ok    ok   ok         ok",
  VRFY: "     ok  ok      ok    ok   ok         ok",
  EXPN: "     ok  ok      ok    ok   ok         ok",
};

Deno.test("outOfOrder() refuses commands as RFC 5321 section 4.1.4 and the login require", () => {
  for (const [verb, row] of Object.entries(TABLE)) {
    row.trim().split(/ +/).forEach((expected, index) => {
      const state = STATES[index]!;
      const reply = outOfOrder(verb as Verb, state);
      assert.equal(reply === undefined ? "ok" : String(reply.code), expected, `${verb}, ${state}`);
    });
  }
});

Deno.test("outOfOrder() returns 5.7.0 if a login is missing, and 5.5.1 otherwise", () => {
  assert.equal(outOfOrder("MAIL", "greeted")?.enhanced, "5.7.0");
  assert.equal(outOfOrder("MAIL", "new")?.enhanced, "5.5.1");
  assert.equal(outOfOrder("AUTH", "ready")?.enhanced, "5.5.1");
});
