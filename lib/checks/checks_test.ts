import assert from "node:assert/strict";
import { failure, type Finding, ok, runCheck, summary, warning } from "./mod.ts";

const TIMEOUT_MS = 10;

Deno.test("runCheck() gives what a check finds", async () => {
  const check = { name: "x", run: () => Promise.resolve([ok("fine")]) };
  assert.deepEqual(await runCheck(check, 60_000), { name: "x", findings: [ok("fine")] });
});

Deno.test("runCheck() takes what a check throws for a failure", async () => {
  const error = new Error("broken", { cause: new Error("why") });
  const { findings } = await runCheck({ name: "x", run: () => Promise.reject(error) }, 60_000);
  assert.deepEqual(findings, [{ status: "failure", text: "broken: why", remedy: undefined }]);
});

Deno.test("runCheck() does not wait for ever", async () => {
  const run = () => new Promise<readonly Finding[]>(() => {});
  const { findings: [finding] } = await runCheck({ name: "x", run }, TIMEOUT_MS);
  assert.equal(finding?.status, "failure");
  assert.match(finding.text, /no answer within 0\.01 seconds/);
});

Deno.test("summary() counts failures and warnings", () => {
  const sum = (...findings: Finding[]) => summary([{ name: "x", findings }]);
  assert.equal(sum(ok("fine")), "Everything is in order.");
  assert.equal(sum(failure("a"), warning("b"), warning("c")), "1 failure, 2 warnings.");
});
