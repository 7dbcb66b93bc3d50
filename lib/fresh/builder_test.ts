import assert from "node:assert/strict";
import { h } from "preact";
import { gzipSync } from "node:zlib";
import { applySnapshot } from "./app.ts";
import { Builder } from "./dev.ts";
import { App, staticFiles } from "./mod.ts";
import { loadSnapshot } from "./snapshot.ts";

const ISLAND = `
import { useState } from "preact/hooks";
export default function Counter({ start }: { start: number }) {
  const [count, setCount] = useState(start);
  return <button type="button" onClick={() => setCount(count + 1)}>{count}</button>;
}`;

Deno.test("Builder makes islands and static files into a module that an app can serve", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/islands`);
    await Deno.mkdir(`${root}/static/images`, { recursive: true });
    await Deno.writeTextFile(`${root}/islands/counter.tsx`, ISLAND);
    await Deno.writeTextFile(`${root}/islands/counter_test.tsx`, "not an island");
    await Deno.writeTextFile(`${root}/static/images/dot.svg`, "<svg/>");
    await new Builder({ root }).build();

    const { default: Counter } = await import(`file://${root}/islands/counter.tsx`);
    const app = new App().use(staticFiles()).route("/", {
      component: () => h(Counter, { start: 7 }),
    });
    applySnapshot(app, await loadSnapshot(() => import(`file://${root}/_fresh/snapshot.ts`)));
    const handle = app.handler();
    const load = async (path: string) => {
      const response = await handle(new Request(`http://site.example${path}`));
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
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

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
