import assert from "node:assert/strict";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { Builder, type BuildOptions } from "./builder.ts";
import { applySnapshot, loadSnapshot } from "./internal.ts";
import { App, staticFiles } from "./mod.ts";

/** Without JSX, which is compiled for the server outside of this project's `islands/`. */
const ISLAND = `
import { h } from "preact";
import { useState } from "preact/hooks";
export default function Counter({ start }: { start: number }) {
  const [count, setCount] = useState(start);
  return h("button", { type: "button", onClick: () => setCount(count + 1) }, count);
}`;
const PAGE = `
import Counter from "../islands/counter.tsx";
export default () => <Counter start={7} />;`;

/** Builds a project of these files and gives what asks its app. */
async function inProject(
  files: Record<string, string>,
  run: (load: (path: string) => Promise<Response>, root: string) => Promise<void>,
  options?: BuildOptions,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(`${root}/${path}`), { recursive: true });
      await Deno.writeTextFile(`${root}/${path}`, text);
    }
    await new Builder({ root }).build(options);
    const app = new App().use(staticFiles()).fsRoutes();
    applySnapshot(app, await loadSnapshot(() => import(`file://${root}/_fresh/snapshot.ts`)));
    const handle = app.handler();
    await run((path) => handle(new Request(`http://site.example${path}`)), root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("Builder makes islands, routes and static files into a module that an app can serve", () =>
  inProject({
    "islands/counter.tsx": ISLAND,
    "islands/counter_test.tsx": "not an island",
    "routes/index.tsx": PAGE,
    "routes/index_test.ts": "not a route",
    "routes/(_components)/part.ts": "not a route",
    "static/images/dot.svg": "<svg/>",
  }, async (ask) => {
    const load = async (path: string) => {
      const response = await ask(path);
      assert.equal(response.status, 200, path);
      return await response.text();
    };
    assert.equal(await load("/images/dot.svg"), "<svg/>");
    const html = await load("/");
    assert.match(html, /<fresh-island data-index="0"><button type="button">7<\/button>/);
    const island = html.match(/modulepreload" href="(.*?\/islands\/counter-[0-9a-f]{16}\.js)"/)
      ?.[1];
    const boot = html.match(/type="module" src="(.*?\/boot-[0-9a-f]{16}\.js)"/)?.[1];
    assert.ok(island && boot, html);

    const scripts = await loadWithImports([island, boot], load);
    const octets = [...scripts.values()].reduce((sum, code) => sum + gzipSync(code).length, 0);
    assert.ok(octets < 10_000, `${octets} octets of script`);
  }));

/** Loads scripts and all that they import. */
async function loadWithImports(
  paths: string[],
  load: (path: string) => Promise<string>,
): Promise<Map<string, string>> {
  const scripts = new Map<string, string>();
  for (const path of paths) {
    if (scripts.has(path)) continue;
    const code = await load(path);
    scripts.set(path, code);
    for (const [, specifier] of code.matchAll(/from"(\.[^"]*)"/g)) {
      paths.push(new URL(specifier!, `http://site.example${path}`).pathname);
    }
  }
  return scripts;
}

Deno.test("Builder takes names with spaces and umlauts, and files of any type but hidden ones", () =>
  inProject({
    "islands/Zähler 1.tsx": ISLAND,
    "routes/über uns.tsx": PAGE.replace("counter.tsx", "Zähler 1.tsx"),
    "static/mein Bild ä.svg": "<svg/>",
    "static/100%#1.unknown": "anything",
    "static/.DS_Store": "hidden",
    "static/.git/config": "hidden",
    "static/.well-known/security.txt": "Contact: …",
  }, async (ask, root) => {
    const text = async (path: string) => await (await ask(path)).text();
    assert.equal(await text("/mein Bild ä.svg"), "<svg/>");
    const unknown = await ask("/100%25%231.unknown");
    assert.equal(await unknown.text(), "anything");
    assert.equal(unknown.headers.get("content-type"), "application/octet-stream");
    assert.match(await text("/.well-known/security.txt"), /Contact/);
    const snapshot = await Deno.readTextFile(`${root}/_fresh/snapshot.ts`);
    assert.doesNotMatch(snapshot, /DS_Store|\.git/);
    const html = await text("/über uns");
    const script = html.match(/modulepreload" href="([^"]*)"/)?.[1] ?? "";
    assert.match(script, /islands\/Z%C3%A4hler%201-[0-9a-f]{16}\.js$/);
    assert.match(await text(script), /onClick/);
  }));

Deno.test("Builder refuses islands among the routes", () =>
  assert.rejects(
    inProject({ "routes/(_islands)/counter.tsx": ISLAND }, () => Promise.resolve()),
    /\(_islands\): islands belong into islands/,
  ));

Deno.test("Builder tells islands of the same name in different folders apart", () =>
  inProject({
    "islands/x.tsx": ISLAND.replace(", count)", ', "outer")'),
    "islands/deep/x.tsx": ISLAND.replace(", count)", ', "deep")'),
    "islands/islands/x.tsx": ISLAND.replace(", count)", ', "deeper")'),
    "routes/index.tsx": `
      import A from "../islands/x.tsx";
      import B from "../islands/deep/x.tsx";
      import C from "../islands/islands/x.tsx";
      export default () => <><A start={1} /><B start={1} /><C start={1} /></>;`,
  }, async (ask) => {
    const html = await (await ask("/")).text();
    const block = html.match(/<script type="application\/json"[^>]*>(.*?)<\/script>/)?.[1] ?? "";
    const scripts = JSON.parse(block).map(({ script }: { script: string }) => script);
    const codes = await Promise.all(
      scripts.map(async (path: string) => await (await ask(path)).text()),
    );
    for (const [index, word] of ["outer", "deep", "deeper"].entries()) {
      assert.ok(codes[index].includes(`"${word}"`), word);
    }
  }));

Deno.test("Builder makes pages load themselves anew in development only", async () => {
  const files = { "routes/index.tsx": "export default () => null;" };
  const marks: string[] = [];
  for (const mode of ["development", "development"] as const) {
    await inProject(files, async (ask) => {
      const html = await (await ask("/")).text();
      const script = html.match(/<script type="module" src="([^"]*live_reload[^"]*)">/)?.[1] ?? "";
      assert.match(await (await ask(script)).text(), /\/_fresh\/build/);
      marks.push(await (await ask("/_fresh/build")).text());
    }, { mode });
  }
  assert.notEqual(marks[0], marks[1]);
  await inProject(files, async (ask, root) => {
    assert.equal(await (await ask("/")).text(), "<!DOCTYPE html>");
    assert.equal((await ask("/_fresh/build")).status, 404);
    assert.doesNotMatch(await Deno.readTextFile(`${root}/_fresh/snapshot.ts`), /live_reload/);
  });
});

Deno.test("Builder says where a script does not compile", async () => {
  const broken = inProject({ "islands/broken.tsx": "export default (" }, () => Promise.resolve());
  await assert.rejects(broken, /broken\.tsx/);
});

Deno.test("Builder refuses islands that are compiled for the server", async () => {
  const island = "export default () => <button type='button'>x</button>;";
  const built = inProject({ "islands/x.tsx": island }, () => Promise.resolve());
  await assert.rejects(built, /islands\/deno\.json has to set "jsx": "react-jsx"/);
});
