import assert from "node:assert/strict";
import { counted } from "./mod.ts";

Deno.test("counted() uses the singular for one alone, and parts thousands", () => {
  assert.equal(counted(0, "account"), "0 accounts");
  assert.equal(counted(1, "mailbox"), "1 mailbox");
  assert.equal(counted(1200, "mailbox"), "1,200 mailboxes");
});
