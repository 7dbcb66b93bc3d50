import assert from "node:assert/strict";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { PageProps } from "./context.ts";
import { App } from "./mod.ts";
import { get, handlerOf, withoutErrorOutput } from "./testing.ts";

function Counter({ start, label }: { start: number; label?: string }) {
  const [count] = useState(start);
  return <button type="button">{label} {count}</button>;
}

function Outer({ value }: { value: unknown }) {
  return (
    <section>
      <Counter start={1} />
      {typeof value}
    </section>
  );
}

function Slot({ children }: { children?: ComponentChildren }) {
  return <>{children}</>;
}

const islands = [
  { script: "/_fresh/js/counter-2.js", module: { default: Counter, kind: "constant" } },
  { script: "/_fresh/js/outer-3.js", module: { Outer, Slot } },
];

async function render(
  content: () => ComponentChildren,
  basePath = "",
  everyPage: readonly string[] = [],
): Promise<string> {
  const handle = handlerOf({
    "_app.tsx": {
      default: ({ Component }: PageProps) => (
        <body>
          <Component />
        </body>
      ),
    },
    "index.tsx": { default: () => <>{content()}</> },
  }, { app: new App({ basePath }), bootScript: "/_fresh/js/boot-1.js", islands, everyPage });
  const response = await handle(get(basePath || "/"));
  assert.equal(response.status, 200, await response.clone().text());
  return await response.text();
}

function dataBlock(html: string): unknown {
  const block = html.match(/<script type="application\/json" id="fresh-islands">(.*?)<\/script>/s);
  return JSON.parse(block?.[1] ?? "null");
}

Deno.test("an island is marked, and its script and data follow at the end of the body", async () => {
  const html = await render(() => (
    <>
      <Counter start={3} label="a" />
      <Counter start={4} />
    </>
  ), "/mail");
  assert.equal(
    html,
    "<!DOCTYPE html><body>" +
      '<fresh-island data-index="0"><button type="button">a 3</button></fresh-island>' +
      '<fresh-island data-index="1"><button type="button"> 4</button></fresh-island>' +
      '<link rel="modulepreload" href="/mail/_fresh/js/counter-2.js">' +
      '<script type="application/json" id="fresh-islands">[' +
      '{"script":"/mail/_fresh/js/counter-2.js","exportName":"default","props":{"start":3,"label":"a"}},' +
      '{"script":"/mail/_fresh/js/counter-2.js","exportName":"default","props":{"start":4}}' +
      "]</script>" +
      '<script type="module" src="/mail/_fresh/js/boot-1.js"></script></body>',
  );
});

Deno.test("a page without islands loads no script", async () => {
  assert.equal(await render(() => <p>plain</p>), "<!DOCTYPE html><body><p>plain</p></body>");
});

Deno.test("an island within an island belongs to the outer one", async () => {
  const html = await render(() => <Outer value="x" />);
  assert.equal(html.split("<fresh-island").length, 2);
  assert.match(html, /<section><button type="button"> 1<\/button>string<\/section>/);
});

Deno.test("W7: islands' data cannot end or confuse its block", async () => {
  for (const label of ["</script><script>alert(1)</script>", "<!--<script>", "]]>\u2028&amp;\"'"]) {
    const html = await render(() => <Counter start={1} label={label} />);
    assert.deepEqual(dataBlock(html), [{
      script: "/_fresh/js/counter-2.js",
      exportName: "default",
      props: { start: 1, label },
    }]);
    assert.doesNotMatch(html, /<script>|<!--/);
    assert.equal(html.split("</script>").length, 3);
  }
});

Deno.test("an island takes plain data only", async () => {
  await withoutErrorOutput(async (logged) => {
    const refused = [() => 1, new Date(0), NaN, [new Map()], { deep: [undefined] }];
    for (const value of refused) {
      await assert.rejects(render(() => <Outer value={value} />));
    }
    await assert.rejects(render(() => (
      <Slot>
        text <b>element</b>
      </Slot>
    )));
    assert.deepEqual(
      new Set(logged.map((error) => (error as Error).message)),
      new Set([
        'island Outer: property "value" is no plain data',
        'island Slot: property "children" is no plain data',
      ]),
    );
  });
});

Deno.test("an island's properties may be absent, undefined or null, and deep", async () => {
  const values = [undefined, null, {
    deep: { undefined, list: [1, "a", null, true, { no: undefined }] },
  }];
  for (const value of values) {
    const html = await render(() => <Outer value={value} />);
    assert.deepEqual(dataBlock(html), [
      JSON.parse(
        JSON.stringify({ script: islands[1]!.script, exportName: "Outer", props: { value } }),
      ),
    ]);
  }
});

Deno.test("every page loads the scripts that are for every page", async () => {
  const html = await render(() => <p>plain</p>, "/mail", ["/_fresh/js/reload-4.js"]);
  assert.equal(
    html,
    '<!DOCTYPE html><body><p>plain</p><script type="module" src="/mail/_fresh/js/reload-4.js"></script></body>',
  );
});
