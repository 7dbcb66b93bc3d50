import assert from "node:assert/strict";
import { csrf, setSecurityHeaders } from "./security.ts";
import { Site } from "./site.ts";
import type { State } from "./utils.ts";

const PUBLIC = new Site(new URL("https://public.example"));
const PLAIN = new Site(new URL("http://site.example"));

function policyOf(nonce?: string): string[] {
  const headers = new Headers();
  setSecurityHeaders(headers, PLAIN, nonce);
  return (headers.get("content-security-policy") ?? "").split("; ");
}

Deno.test("W7: setSecurityHeaders() allows nothing inline and no frame", () => {
  const policy = policyOf();
  assert.ok(policy.includes("default-src 'none'"));
  assert.ok(policy.includes("script-src 'self'"));
  assert.ok(policy.includes("frame-ancestors 'none'"));
  assert.doesNotMatch(policy.join(), /unsafe|nonce|upgrade-insecure-requests/);
});

Deno.test("W7: setSecurityHeaders() allows inline scripts of one response by their nonce", () => {
  const policy = policyOf("abc");
  assert.ok(policy.includes("script-src 'self' 'nonce-abc'"));
  assert.ok(policy.includes("style-src 'self'"));
});

Deno.test("setSecurityHeaders() leaves an answer its own time to be kept", () => {
  const kept = new Headers({ "cache-control": "max-age=3600" });
  setSecurityHeaders(kept);
  assert.equal(kept.get("cache-control"), "max-age=3600");
  const fresh = new Headers();
  setSecurityHeaders(fresh);
  assert.equal(fresh.get("cache-control"), "no-store");
});

Deno.test("setSecurityHeaders() asks for HTTPS where the site has it", () => {
  const headers = new Headers();
  setSecurityHeaders(headers, PLAIN);
  assert.ok(!headers.has("strict-transport-security"));
  setSecurityHeaders(headers, PUBLIC);
  assert.match(headers.get("strict-transport-security") ?? "", /^max-age=\d+$/);
});

/** The status of an answer to a request with these headers. */
async function status(site: Site, headers: Record<string, string>, method = "POST") {
  const req = new Request("http://site.example/", { method, headers });
  const next = () => Promise.resolve(new Response());
  const ctx = { req, state: { site } as State, next } as Parameters<typeof csrf>[0];
  try {
    return (await csrf(ctx)).status;
  } catch (error) {
    return (error as { status: number }).status;
  }
}

Deno.test("W6: csrf() lets pass what comes from our own pages", async () => {
  assert.equal(await status(PLAIN, { "sec-fetch-site": "same-origin" }), 200);
  assert.equal(await status(PLAIN, { "sec-fetch-site": "none" }), 200);
  assert.equal(await status(PLAIN, { origin: "http://site.example" }), 200);
  assert.equal(await status(PUBLIC, { origin: "https://public.example" }), 200);
  assert.equal(await status(PLAIN, {}, "GET"), 200);
});

Deno.test("W6: csrf() refuses with 403 what comes from elsewhere or does not say", async () => {
  assert.equal(await status(PLAIN, {}), 403);
  assert.equal(await status(PLAIN, { origin: "null" }), 403);
  assert.equal(await status(PLAIN, { origin: "https://site.example" }), 403);
  assert.equal(await status(PLAIN, { origin: "http://evil.example" }), 403);
  assert.equal(await status(PLAIN, { "sec-fetch-site": "cross-site" }), 403);
  assert.equal(await status(PLAIN, { "sec-fetch-site": "same-site" }), 403);
  assert.equal(await status(PUBLIC, { origin: "http://site.example" }), 403);
});
