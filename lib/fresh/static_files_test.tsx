import assert from "node:assert/strict";
import { applySnapshot } from "./app.ts";
import { App, staticFiles } from "./mod.ts";
import { asset } from "./runtime.ts";
import { createSnapshot, loadSnapshot } from "./snapshot.ts";

const KEEP = "public, max-age=31536000, immutable";
const css = { path: "/styles.css", contentType: "text/css; charset=utf-8", hash: "c55" };
const script = { path: "/_fresh/js/a-1.js", contentType: "text/javascript", hash: "a1" };
const snapshot = createSnapshot("/_fresh/js/boot.js", [], [
  { ...css, immutable: false, base64: btoa("body {}") },
  { ...script, immutable: true, base64: btoa("let a") },
]);

const app = new App()
  .use(staticFiles())
  .route("/", { component: () => <a href={asset("/styles.css", "/mail")}>{asset("/other")}</a> });
applySnapshot(app, snapshot);
const handle = app.handler();
const fetchFile = (path: string, init?: RequestInit) =>
  handle(new Request(`http://site.example${path}`, init));

Deno.test("staticFiles() serves a file with its type and an ETag to ask again with", async () => {
  const response = await fetchFile("/styles.css");
  assert.equal(await response.text(), "body {}");
  assert.equal(response.headers.get("content-type"), css.contentType);
  assert.equal(response.headers.get("etag"), '"c55"');
  assert.equal(response.headers.get("cache-control"), "no-cache");
});

Deno.test("staticFiles() answers 304 when the browser has the file, weakened tags included", async () => {
  for (const tag of ['"c55"', 'W/"c55"', '"old", W/"c55"', "*"]) {
    const response = await fetchFile("/styles.css", { headers: { "if-none-match": tag } });
    assert.equal(response.status, 304, tag);
    assert.equal(response.body, null);
    assert.equal(response.headers.get("etag"), '"c55"');
  }
  const changed = await fetchFile("/styles.css", { headers: { "if-none-match": '"old"' } });
  assert.equal(changed.status, 200);
});

Deno.test("staticFiles() lets browsers keep what carries its hash in the address", async () => {
  const cacheControl = async (path: string) => (await fetchFile(path)).headers.get("cache-control");
  assert.equal(await cacheControl("/styles.css?v=c55"), KEEP);
  assert.equal(await cacheControl("/styles.css?v=old"), "no-cache");
  assert.equal(await cacheControl("/_fresh/js/a-1.js"), KEEP);
});

Deno.test("staticFiles() answers HEAD without a body and other methods with 405", async () => {
  const head = await fetchFile("/styles.css", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.body, null);
  const post = await fetchFile("/styles.css", { method: "POST" });
  assert.equal(post.status, 405);
  assert.equal(post.headers.get("allow"), "GET, HEAD");
});

Deno.test("asset() marks known files with their hash and leaves others alone", async () => {
  const html = await (await fetchFile("/")).text();
  assert.equal(html, '<!DOCTYPE html><a href="/mail/styles.css?v=c55">/other</a>');
  assert.equal(asset("/styles.css"), "/styles.css");
});

Deno.test("loadSnapshot() says what to do when nothing has been built", async () => {
  assert.equal(await loadSnapshot(() => Promise.resolve({ snapshot })), snapshot);
  const missing = loadSnapshot(() => Promise.reject(new TypeError("Module not found")));
  await assert.rejects(missing, /run `deno task build` first/);
});
