import assert from "node:assert/strict";
import { App, csp } from "./mod.ts";

async function policyOf(middleware: ReturnType<typeof csp>): Promise<string[]> {
  const handle = new App().use(middleware).onError("*", () => new Response("sorry")).handler();
  const response = await handle(new Request("http://site.example/unknown"));
  return (response.headers.get("content-security-policy") ?? "").split("; ");
}

Deno.test("W7: csp() allows nothing inline and no frame, on error pages too", async () => {
  const policy = await policyOf(csp());
  assert.ok(policy.includes("default-src 'none'"));
  assert.ok(policy.includes("script-src 'self'"));
  assert.ok(policy.includes("frame-ancestors 'none'"));
  assert.doesNotMatch(policy.join(), /unsafe|nonce|upgrade-insecure-requests/);
});

Deno.test("csp() replaces the directives it is given and adds new ones", async () => {
  const policy = await policyOf(csp({ csp: ["img-src 'self' data:", "worker-src 'self'"] }));
  assert.ok(policy.includes("img-src 'self' data:"));
  assert.ok(!policy.includes("img-src 'self'"));
  assert.ok(policy.includes("worker-src 'self'"));
});
