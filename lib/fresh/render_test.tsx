import assert from "node:assert/strict";
import type { JSX } from "preact";
import type { PageProps } from "./context.ts";
import { createDefine, HttpError, page } from "./mod.ts";
import { get, handlerOf, withoutErrorOutput } from "./testing.ts";

interface State {
  trail: string[];
}

const define = createDefine<State>();
const body = async (pending: Promise<Response>) => await (await pending).text();
const later = <Value,>(value: Value) => Promise.resolve(value);

Deno.test("layouts frame the pages under their path, the outermost first, and share the state", async () => {
  const handler = define.handlers({
    GET(ctx) {
      ctx.state.trail = ["x"];
      return page({ name: "<me>" }, { status: 201, headers: { "x-kind": "page" } });
    },
  });
  const Page = define.page<typeof handler>(({ data, state }) => <p>{data.name} {state.trail}</p>);
  const handle = handlerOf<State>({
    "_app.tsx": {
      default: ({ Component }: PageProps) => (
        <html>
          <body>
            <Component />
          </body>
        </html>
      ),
    },
    "_layout.tsx": {
      default: ({ Component }: PageProps) => (
        <main>
          <Component />
        </main>
      ),
    },
    "admin/_layout.tsx": {
      default: ({ Component }: PageProps) => (
        <nav>
          <Component />
        </nav>
      ),
    },
    // deno-lint-ignore no-explicit-any -- handler and page agree on their data
    "admin/index.tsx": { handler, default: Page as any },
    "index.tsx": { default: () => <i>home</i> },
  });
  const admin = await handle(get("/admin"));
  assert.equal(admin.status, 201);
  assert.equal(admin.headers.get("x-kind"), "page");
  assert.equal(admin.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(
    await admin.text(),
    "<!DOCTYPE html><html><body><main><nav><p>&lt;me> x</p></nav></main></body></html>",
  );
  assert.equal(
    await body(handle(get("/"))),
    "<!DOCTYPE html><html><body><main><i>home</i></main></body></html>",
  );
});

Deno.test("pages, layouts and the app wrapper may wait for something", async () => {
  const handle = handlerOf<State>({
    "_app.tsx": {
      default: async ({ Component }: PageProps) => (
        <body>
          {await later("app")}
          <Component />
        </body>
      ),
    },
    "_layout.tsx": {
      default: async ({ Component }: PageProps) => (
        <main>
          {await later("layout")}
          <Component />
        </main>
      ),
    },
    "index.tsx": { default: async ({ url }: PageProps) => <p>{await later(url.pathname)}</p> },
  });
  assert.equal(
    await body(handle(get("/"))),
    "<!DOCTYPE html><body>app<main>layout<p>/</p></main></body>",
  );
});

Deno.test("a page that waits may answer by itself, and its errors reach the error page", async () => {
  const handle = handlerOf<State>({
    "_error.tsx": { default: ({ error }: PageProps) => <p>{(error as Error).message}</p> },
    "_layout.tsx": { default: ({ Component }: PageProps) => <Component /> },
    "moved.tsx": { default: async () => await later(new Response("moved", { status: 410 })) },
    "lost.tsx": {
      default: async () => {
        throw await later(new HttpError(404, "lost"));
      },
    },
  });
  const moved = await handle(get("/moved"));
  assert.deepEqual([moved.status, await moved.text()], [410, "moved"]);
  const lost = await handle(get("/lost"));
  assert.deepEqual([lost.status, await lost.text()], [404, "<!DOCTYPE html><p>lost</p>"]);
});

Deno.test("a page that breaks while it is rendered is an internal error", async () => {
  await withoutErrorOutput(async () => {
    const Broken = () => {
      throw new Error("bug");
    };
    const handle = handlerOf<State>({ "index.tsx": { default: () => <Broken /> } });
    assert.equal((await handle(get("/"))).status, 500);
  });
});

Deno.test("templates refuse true and false where they are words, which they would leave out", async () => {
  const isOn = Boolean(1);
  const shown = (page: () => JSX.Element) =>
    handlerOf<State>({ "index.tsx": { default: page } })(get("/"));
  const plain = await body(shown(() => <input disabled={!isOn} required={isOn} />));
  assert.match(plain, /<input +required/);
  assert.doesNotMatch(plain, /disabled/);
  await withoutErrorOutput(async (logged) => {
    assert.equal((await shown(() => <input aria-invalid={!isOn} />)).status, 500);
    assert.equal((await shown(() => <input spellcheck={isOn} />)).status, 500);
    assert.match(String(logged[0]), /aria-invalid=\{false\}: .* write "false"/);
  });
});

Deno.test("links say whether they lead here or to a page above", async () => {
  const links = [
    "/",
    "/admin",
    "/admin/",
    "/admin/users",
    "/admin/users?page=2",
    "/admin/users?page=3",
    "/adm",
    "//x/admin",
  ];
  const List = () => <>{links.map((href) => <a key={href} href={href}>{href}</a>)}</>;
  const handle = handlerOf<State>({
    "admin/users.tsx": {
      default: () => (
        <p>
          <List />
          <a href="/admin/users" aria-current="false">own word</a>
          <a href="users">relative</a>
        </p>
      ),
    },
  });
  const html = await body(handle(get("/admin/users?page=3")));
  const marks = [...html.matchAll(/<a ([^>]*)>([^<]*)</g)].map(([, attributes, text]) => [
    text,
    attributes!.replace(/ ?href="[^"]*" ?/, ""),
  ]);
  const above = 'data-ancestor="true" aria-current="true"';
  const here = 'data-current="true" aria-current="page"';
  assert.deepEqual(Object.fromEntries(marks), {
    "/": above,
    "/admin": above,
    "/admin/": above,
    "/admin/users": here,
    "/admin/users?page=2": above,
    "/admin/users?page=3": here,
    "/adm": "",
    "//x/admin": "",
    "own word": 'aria-current="false"',
    "relative": "",
  });
});
