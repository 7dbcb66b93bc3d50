import assert from "node:assert/strict";
import { App, createDefine, HttpError, page } from "./mod.ts";

interface State {
  trail: string[];
}

const define = createDefine<State>();
const get = (path: string, init?: RequestInit) => new Request(`http://site.example${path}`, init);
const text = async (response: Response) => await response.text();

Deno.test("App answers a route by its method and its plain path before a pattern", async () => {
  const handle = new App<State>()
    .get("/items/:id", (ctx) => new Response(`item ${ctx.params.id}`))
    .get("/items/new", () => new Response("new"))
    .post("/items/new", () => new Response("made"))
    .handler();
  assert.equal(await text(await handle(get("/items/a%20b"))), "item a b");
  assert.equal(await text(await handle(get("/items/new"))), "new");
  assert.equal(await text(await handle(get("/items/new", { method: "POST" }))), "made");
});

Deno.test("App answers 404 for an unknown path and for one that is not properly encoded", async () => {
  const handle = new App<State>().get("/items/:id", () => new Response("item")).handler();
  assert.equal((await handle(get("/other"))).status, 404);
  assert.equal((await handle(get("/items/%ff"))).status, 404);
});

Deno.test("App answers 405 with Allow for a method without a handler", async () => {
  const handle = new App<State>()
    .route("/form", { handler: { GET: () => page(), POST: () => page() }, component: () => null })
    .route("/page", { component: () => <p>page</p> })
    .handler();
  const form = await handle(get("/form", { method: "DELETE" }));
  assert.equal(form.status, 405);
  assert.equal(form.headers.get("allow"), "GET, HEAD, POST");
  const shown = await handle(get("/page", { method: "POST" }));
  assert.equal(shown.headers.get("allow"), "GET, HEAD");
});

Deno.test("App answers HEAD as GET without a body", async () => {
  const handle = new App<State>()
    .get("/", () => new Response("body", { headers: { "x-kind": "get" } }))
    .handler();
  const response = await handle(get("/", { method: "HEAD" }));
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-kind"), "get");
  assert.equal(response.body, null);
});

Deno.test("App makes repeated slashes one", async () => {
  const handle = new App<State>().get("/a/b", (ctx) => new Response(ctx.url.pathname)).handler();
  assert.equal(await text(await handle(get("//a///b"))), "/a/b");
});

Deno.test("App runs middlewares in order, around those routes that follow and lie under their path", async () => {
  const step = (name: string) =>
    define.middleware(async (ctx) => {
      (ctx.state.trail ??= []).push(name);
      const response = await ctx.next();
      ctx.state.trail.push(`/${name}`);
      return response;
    });
  const trail = async (app: App<State>, path: string) => await text(await app.handler()(get(path)));
  const show = define.middleware((ctx) => new Response((ctx.state.trail ?? []).join()));
  const app = new App<State>()
    .get("/early", show)
    .use(step("a"), step("b"))
    .use("/admin", step("admin"))
    .get("/admin", show)
    .get("/admin/users", show)
    .get("/administer", show);
  assert.equal(await trail(app, "/early"), "");
  assert.equal(await trail(app, "/admin"), "a,b,admin");
  assert.equal(await trail(app, "/admin/users"), "a,b,admin");
  assert.equal(await trail(app, "/administer"), "a,b");
});

Deno.test("App surrounds answers 404 and 405 with the middlewares of the whole site", async () => {
  const handle = new App<State>()
    .use(async (ctx) => {
      const response = await ctx.next();
      response.headers.set("x-seen", "yes");
      return response;
    })
    .onError("*", (ctx) => new Response("sorry", { status: (ctx.error as HttpError).status }))
    .get("/", () => new Response("home"))
    .handler();
  for (const [method, path, status] of [["GET", "/no", 404], ["PUT", "/", 405]] as const) {
    const response = await handle(get(path, { method }));
    assert.equal(response.status, status);
    assert.equal(response.headers.get("x-seen"), "yes");
    assert.equal(await text(response), "sorry");
  }
});

Deno.test("onError() renders its page with the error's status, within the app wrapper", async () => {
  const handle = new App<State>()
    .appWrapper(({ Component }) => (
      <body>
        <Component />
      </body>
    ))
    .onError("*", { component: ({ error }) => <p>{(error as Error).message}</p> })
    .get("/teapot", () => {
      throw new HttpError(418, "<tea>");
    })
    .get("/bug", () => Promise.reject(new Error("bug")))
    .handler();
  const teapot = await handle(get("/teapot"));
  assert.equal(teapot.status, 418);
  assert.equal(await text(teapot), "<!DOCTYPE html><body><p>&lt;tea></p></body>");
  assert.equal((await handle(get("/bug"))).status, 500);
});

Deno.test("notFound() answers unknown paths and what a handler does not find, nothing else", async () => {
  const handle = new App<State>()
    .notFound({ component: () => <p>nothing here</p> })
    .get("/gone", () => {
      throw new HttpError(404);
    })
    .get("/refused", () => {
      throw new HttpError(403, "no");
    })
    .handler();
  for (const path of ["/unknown", "/gone"]) {
    const response = await handle(get(path));
    assert.equal(response.status, 404);
    assert.equal(await text(response), "<!DOCTYPE html><p>nothing here</p>");
  }
  assert.equal((await handle(get("/refused"))).status, 403);
});

Deno.test("App without an error page shows no detail of an internal error", async () => {
  const logged: unknown[] = [];
  const original = console.error;
  console.error = (error) => logged.push(error);
  try {
    const bug = new Error("secret detail");
    const handle = new App<State>().get("/", () => Promise.reject(bug)).handler();
    const response = await handle(get("/"));
    assert.equal(response.status, 500);
    assert.equal(await text(response), "Error 500");
    assert.deepEqual(logged, [bug]);
  } finally {
    console.error = original;
  }
});

Deno.test("layouts frame the pages under their path, the outermost first, and share the state", async () => {
  const handler = define.handlers({
    GET(ctx) {
      ctx.state.trail = ["x"];
      return page({ name: "<me>" }, { status: 201, headers: { "x-kind": "page" } });
    },
  });
  const Page = define.page<typeof handler>(({ data, state }) => <p>{data.name} {state.trail}</p>);
  const handle = new App<State>()
    .appWrapper(({ Component }) => (
      <html>
        <body>
          <Component />
        </body>
      </html>
    ))
    .layout("*", ({ Component }) => (
      <main>
        <Component />
      </main>
    ))
    .layout("/admin", ({ Component }) => (
      <nav>
        <Component />
      </nav>
    ))
    // deno-lint-ignore no-explicit-any -- routes take pages of unknown data
    .route("/admin", { handler, component: Page as any })
    .route("/", { component: () => <i>home</i> })
    .handler();
  const admin = await handle(get("/admin"));
  assert.equal(admin.status, 201);
  assert.equal(admin.headers.get("x-kind"), "page");
  assert.equal(admin.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(
    await text(admin),
    "<!DOCTYPE html><html><body><main><nav><p>&lt;me> x</p></nav></main></body></html>",
  );
  assert.equal(
    await text(await handle(get("/"))),
    "<!DOCTYPE html><html><body><main><i>home</i></main></body></html>",
  );
});

Deno.test("W8: redirect() cannot be led away from the site by a path", async () => {
  const handle = new App<State>()
    .get("/go", (ctx) => ctx.redirect(ctx.url.searchParams.get("to") ?? "/", 303))
    .handler();
  const location = async (to: string) =>
    (await handle(get(`/go?to=${encodeURIComponent(to)}`))).headers.get("location");
  assert.equal(await location("/account?a=//b"), "/account?a=//b");
  for (const to of ["//evil.example", "/\\evil.example", "/\\/evil.example", "///evil.example"]) {
    assert.equal(await location(to), "/evil.example");
  }
});
