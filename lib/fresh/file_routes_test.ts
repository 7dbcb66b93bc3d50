import assert from "node:assert/strict";
import { placeOf, sortFiles } from "./file_routes.ts";
import type { Context } from "./mod.ts";
import { get, handlerOf } from "./testing.ts";

Deno.test("placeOf() makes addresses of file names", () => {
  const paths: Readonly<Record<string, string>> = {
    "index.tsx": "/",
    "about.ts": "/about",
    "blog/index.tsx": "/blog",
    "blog/[slug].tsx": "/blog/:slug",
    "blog/[slug]/comments.ts": "/blog/:slug/comments",
    "[user]@[host].ts": "/:user@:host",
    "(marketing)/career.tsx": "/career",
    "(marketing)/index.tsx": "/",
    ".well-known/x/config-v1.1.xml.ts": "/.well-known/x/config-v1.1.xml",
    "über uns.tsx": "/%C3%BCber%20uns",
    "100% #1?.ts": "/100%25%20%231%3F",
    "c++ [id].ts": "/c\\+\\+%20:id",
  };
  for (const [file, path] of Object.entries(paths)) {
    assert.deepEqual([placeOf(file).path, placeOf(file).kind], [path, "route"], file);
  }
});

Deno.test("placeOf() knows files that surround a folder", () => {
  assert.deepEqual(placeOf("_app.tsx"), { kind: "app", folder: "", path: "/_app" });
  const place = placeOf("account/[id]/(group)/_middleware.ts");
  assert.deepEqual([place.kind, place.folder], ["middleware", "/account/:id/(group)"]);
  assert.equal(placeOf("_error.tsx").kind, "error");
  assert.equal(placeOf("a/_layout.tsx").kind, "layout");
});

Deno.test("placeOf() refuses names in brackets that are no plain parameter", () => {
  for (const file of ["[[version]].tsx", "old/[...path].ts", "[].ts", "[id.ts"]) {
    assert.throws(() => placeOf(file), /only \[name\] is understood/, file);
  }
});

Deno.test("sortFiles() puts plain names before parameters", () => {
  const files = ["[id]/b.ts", "a/[x].ts", "a/b.ts", "z.ts"].map((file) => ({ file }));
  const sorted = sortFiles(files).map(({ file }) => file);
  assert.deepEqual(sorted, ["a/b.ts", "a/[x].ts", "z.ts", "[id]/b.ts"]);
});

Deno.test("a route with spaces, umlauts and pattern syntax in its name is found", async () => {
  const handler = (name: string) => ({ handler: { GET: () => new Response(name) } });
  const handle = handlerOf({
    "über uns.ts": handler("plain"),
    "ä+/[id].ts": handler("pattern"),
    "ä+/_middleware.ts": {
      default: async (ctx: Context<unknown>) =>
        new Response(`guarded ${await (await ctx.next()).text()}`),
    },
    "a:b (c).ts": handler("syntax"),
  });
  assert.equal(await (await handle(get("/über uns"))).text(), "plain");
  assert.equal(await (await handle(get("/ä+/7"))).text(), "guarded pattern");
  assert.equal(await (await handle(get("/a:b (c)"))).text(), "syntax");
  assert.equal((await handle(get("/ää/7"))).status, 404);
});

Deno.test("Fresh's pages for one status are refused", () => {
  assert.throws(() => handlerOf({ "_404.tsx": { default: () => null } }), /lib\/fresh has no _404/);
});

Deno.test("a file without any export that counts is refused, with a hint", () => {
  assert.throws(
    () => handlerOf({ "helper.ts": { other: 1 } as object }),
    /routes\/helper\.ts exports neither "handler" nor "default"/,
  );
});
