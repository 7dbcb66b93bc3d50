import assert from "node:assert/strict";
import { redirectHandler } from "./redirect.ts";

const INFO = { remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 1 } } as const;

async function ask(url: string, changes: { publicUrl?: string; method?: string } = {}) {
  const handler = redirectHandler({
    publicUrl: changes.publicUrl,
    httpsPort: 8443,
    challenge: (token) => Promise.resolve(token === "known" ? "known.thumbprint" : undefined),
    exempt: (request) =>
      request.url.endsWith("/healthz") ? Promise.resolve(new Response("alive")) : undefined,
  });
  return await handler(new Request(url, { method: changes.method }), INFO);
}

Deno.test("redirectHandler() keeps host, path and query, and goes to the port of the pages", async () => {
  const response = await ask("http://mail.example.com:8080/guides/postfix?a=b%20c");
  assert.equal(response.status, 308);
  assert.equal(
    response.headers.get("location"),
    "https://mail.example.com:8443/guides/postfix?a=b%20c",
  );
  assert.equal((await ask("http://[::1]/")).headers.get("location"), "https://[::1]:8443/");
});

Deno.test("redirectHandler() goes to PUBLIC_URL where it is set, with any method", async () => {
  const publicUrl = "https://mail.example.com";
  const response = await ask("http://192.0.2.9:8080/account", { publicUrl, method: "POST" });
  assert.equal(response.status, 308);
  assert.equal(response.headers.get("location"), "https://mail.example.com/account");
});

Deno.test("redirectHandler() answers challenges and health without a redirect", async () => {
  const known = await ask("http://a.example/.well-known/acme-challenge/known");
  assert.equal(await known.text(), "known.thumbprint");
  const unknown = await ask("http://a.example/.well-known/acme-challenge/other");
  assert.equal(unknown.status, 404);
  assert.equal(await (await ask("http://a.example/healthz")).text(), "alive");
});
