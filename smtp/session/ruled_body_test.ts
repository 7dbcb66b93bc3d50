import assert from "node:assert/strict";
import { ANNA } from "../testing/fakes.ts";
import { headerRules } from "./ruled_body.ts";

Deno.test("headerRules() dates messages by the machine's time, not by the clock for durations", () => {
  const options = { missingHeaders: "add", clock: { now: () => 1 } } as const;
  assert.equal(headerRules(ANNA, { ...options, date: () => 2 })?.now(), 2);
  assert.equal(headerRules(ANNA, options)?.now(), 1);
});
