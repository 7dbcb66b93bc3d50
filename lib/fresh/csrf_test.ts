import assert from "node:assert/strict";
import { App, csrf } from "./mod.ts";

const plain = new App().use(csrf()).post("/", () => new Response("done")).get(
  "/",
  () => new Response("shown"),
).handler();
const configured = new App()
  .use(csrf({ origin: (origin) => origin === "https://public.example" }))
  .post("/", () => new Response("done"))
  .handler();

async function status(
  handle: typeof plain,
  headers: Record<string, string>,
  method = "POST",
): Promise<number> {
  return (await handle(new Request("http://site.example/", { method, headers }))).status;
}

Deno.test("W6: csrf() lets pass what comes from our own pages", async () => {
  assert.equal(await status(plain, { "sec-fetch-site": "same-origin" }), 200);
  assert.equal(await status(plain, { "sec-fetch-site": "none" }), 200);
  assert.equal(await status(plain, { origin: "http://site.example" }), 200);
  assert.equal(await status(configured, { origin: "https://public.example" }), 200);
  assert.equal(await status(plain, {}, "GET"), 200);
});

Deno.test("W6: csrf() refuses with 403 what comes from elsewhere or does not say", async () => {
  assert.equal(await status(plain, {}), 403);
  assert.equal(await status(plain, { origin: "null" }), 403);
  assert.equal(await status(plain, { origin: "https://site.example" }), 403);
  assert.equal(await status(plain, { origin: "http://evil.example" }), 403);
  assert.equal(await status(plain, { "sec-fetch-site": "cross-site" }), 403);
  assert.equal(await status(plain, { "sec-fetch-site": "same-site" }), 403);
  assert.equal(await status(configured, { origin: "http://site.example" }), 403);
});
