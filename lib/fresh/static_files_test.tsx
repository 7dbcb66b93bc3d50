import assert from "node:assert/strict";
import { App, staticFiles } from "./mod.ts";
import { asset } from "./runtime.ts";
import { createSnapshot, loadSnapshot } from "./snapshot.ts";
import { get, handlerOf } from "./testing.ts";

const KEEP = "public, max-age=31536000, immutable";
const css = { path: "/styles.css", contentType: "text/css; charset=utf-8", hash: "c55" };
const script = { path: "/_fresh/js/a-1.js", contentType: "text/javascript", hash: "a1" };
const odd = { path: "/my%20%C3%A4.txt", contentType: "text/plain", hash: "0dd" };
const files = [
  { ...css, immutable: false, base64: btoa("body {}") },
  { ...script, immutable: true, base64: btoa("let a") },
  { ...odd, immutable: false, base64: btoa("odd") },
];
const routes = {
  "index.tsx": {
    default: () => <p title={asset("/my ä.txt")} lang={asset("/other")}>{asset(css.path)}</p>,
  },
};
const handle = handlerOf(routes, { app: new App().use(staticFiles()), files });
const fetchFile = (path: string, init?: RequestInit) => handle(get(path, init));

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
});

Deno.test("staticFiles() serves files below the path prefix, and names with spaces and umlauts", async () => {
  assert.equal(await (await fetchFile("/my ä.txt")).text(), "odd");
  const app = new App({ basePath: "/mail" }).use(staticFiles());
  const prefixed = handlerOf(routes, { app, files });
  assert.equal((await prefixed(get("/mail/styles.css"))).status, 200);
  assert.equal((await prefixed(get("/styles.css"))).status, 404);
});

Deno.test("asset() marks known files with their hash and leaves others alone", async () => {
  const html = await (await fetchFile("/")).text();
  assert.equal(
    html,
    '<!DOCTYPE html><p title="/my%20%C3%A4.txt?v=0dd" lang="/other">/styles.css?v=c55</p>',
  );
  assert.equal(asset("/styles.css"), "/styles.css");
});

Deno.test("loadSnapshot() says what to do when nothing has been built", async () => {
  const parts = { bootScript: "", everyPage: [], islands: [], routes: [], files: [] };
  const snapshot = createSnapshot(parts);
  assert.equal(await loadSnapshot(() => Promise.resolve({ snapshot })), snapshot);
  const missing = loadSnapshot(() => Promise.reject(new TypeError("Module not found")));
  await assert.rejects(missing, /run `deno task build` first/);
});
