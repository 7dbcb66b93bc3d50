import assert from "node:assert/strict";
import type { PageProps } from "./context.ts";
import type { RouteModule } from "./file_routes.ts";
import { App, createDefine, HttpError, page } from "./mod.ts";
import { get, handlerOf, withoutErrorOutput } from "./testing.ts";

interface State {
  trail: string[];
}

const define = createDefine<State>();
const text = async (response: Response) => await response.text();
const answer = (body: string) => ({ GET: () => new Response(body) });
const show = define.middleware((ctx) => new Response((ctx.state.trail ?? []).join()));
const shown = { handler: { GET: show } };
/** Leaves a mark on the way in and on the way out. */
const step = (name: string) =>
  define.middleware(async (ctx) => {
    (ctx.state.trail ??= []).push(name);
    const response = await ctx.next();
    ctx.state.trail.push(`/${name}`);
    return response;
  });

Deno.test("App answers a route by its method and its plain path before a pattern", async () => {
  const handle = handlerOf<State>({
    "items/[id].ts": { handler: { GET: (ctx) => new Response(`item ${ctx.params.id}`) } },
    "items/new.ts": { handler: { ...answer("new"), POST: () => new Response("made") } },
  });
  assert.equal(await text(await handle(get("/items/a%20b%2Fc"))), "item a b%2Fc");
  assert.equal(await text(await handle(get("/items/new"))), "new");
  assert.equal(await text(await handle(get("/items/new", { method: "POST" }))), "made");
});

Deno.test("App answers all methods of a route whose handler is a function", async () => {
  const handle = handlerOf<State>({
    "any.ts": { handler: (ctx) => new Response(ctx.req.method) },
  });
  for (const method of ["GET", "POST", "DELETE"]) {
    assert.equal(await text(await handle(get("/any", { method }))), method);
  }
});

Deno.test("App answers 404 for an unknown path and for one that is not properly encoded", async () => {
  const handle = handlerOf<State>({ "items/[id].ts": { handler: answer("item") } });
  assert.equal((await handle(get("/other"))).status, 404);
  assert.equal((await handle(get("/items/%ff"))).status, 404);
});

Deno.test("App answers 405 for a method without a handler, and tells the others to OPTIONS", async () => {
  const handle = handlerOf<State>({
    "form.tsx": { handler: { POST: () => page() }, default: () => null },
    "page.tsx": { default: () => <p>page</p> },
    "all.ts": { handler: () => new Response("all") },
  });
  assert.equal((await handle(get("/form", { method: "DELETE" }))).status, 405);
  assert.equal((await handle(get("/page", { method: "POST" }))).status, 405);
  const asked = async (path: string) => await handle(get(path, { method: "OPTIONS" }));
  const form = await asked("/form");
  assert.deepEqual([form.status, form.headers.get("allow")], [204, "GET, POST"]);
  assert.equal((await asked("/page")).headers.get("allow"), "GET");
  assert.equal(await text(await asked("/all")), "all");
  assert.equal((await asked("/no")).status, 404);
});

Deno.test("App answers a plain path with and without a slash at its end", async () => {
  const handle = handlerOf<State>({
    "index.ts": { handler: answer("home") },
    "items/index.ts": { handler: answer("list") },
    "items/[id].ts": { handler: answer("item") },
  });
  assert.equal(await text(await handle(get("/"))), "home");
  for (const path of ["/items", "/items/"]) {
    assert.equal(await text(await handle(get(path))), "list");
  }
  assert.equal((await handle(get("/items/7/"))).status, 404);
});

Deno.test("App takes the first of two files with one address", async () => {
  const handle = handlerOf<State>({
    "(a)/same.ts": { handler: answer("a") },
    "(b)/same.ts": { handler: { ...answer("b"), POST: () => new Response("post of b") } },
  });
  assert.equal(await text(await handle(get("/same"))), "a");
  assert.equal(await text(await handle(get("/same", { method: "POST" }))), "post of b");
});

Deno.test("App takes a route's handlers by either name, and refuses what it would leave out", async () => {
  const handlers = answer("by the other name");
  const handle = handlerOf<State>({ "index.ts": { handlers } as RouteModule<State> });
  assert.equal(await text(await handle(get("/"))), "by the other name");
  const configured = { handler: handlers, config: { skipAppWrapper: true } };
  assert.throws(() => handlerOf<State>({ "index.ts": configured }), /index\.ts: .*no "config"/);
});

Deno.test("App answers HEAD as GET without a body", async () => {
  const GET = () => new Response("body", { headers: { "x-kind": "get" } });
  const response = await handlerOf<State>({ "index.ts": { handler: { GET } } })(
    get("/", { method: "HEAD" }),
  );
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-kind"), "get");
  assert.equal(response.body, null);
});

Deno.test("App makes repeated slashes one", async () => {
  const GET = define.middleware((ctx) => new Response(ctx.url.pathname));
  const handle = handlerOf<State>({ "a/b.ts": { handler: { GET } } });
  assert.equal(await text(await handle(get("//a///b"))), "/a/b");
});

Deno.test("App runs middlewares in order, around the routes below their path", async () => {
  const handle = handlerOf<State>({
    "_middleware.ts": { handler: step("b") },
    "admin/_middleware.ts": { handler: [step("admin"), step("log")] },
    "admin/index.ts": shown,
    "admin/users/[id].ts": shown,
    "administer.ts": shown,
  }, { app: new App<State>().use(step("a")).use("/admin", step("use")) });
  const trail = async (path: string) => await text(await handle(get(path)));
  assert.equal(await trail("/admin"), "a,b,use,admin,log");
  assert.equal(await trail("/admin/users/7"), "a,b,use,admin,log");
  assert.equal(await trail("/administer"), "a,b");
});

Deno.test("App runs a middleware around what follows it, and one of a group without its name", async () => {
  const app = new App<State>();
  const handle = handlerOf<State>({
    "(public)/_middleware.ts": { default: step("public") },
    "(public)/about.ts": shown,
    "index.ts": shown,
  }, { app });
  app.use(step("late"));
  assert.equal(await text(await handle(get("/about"))), "public");
  assert.equal(await text(await handle(get("/"))), "");
  assert.equal(await text(await app.handler()(get("/"))), "");
});

Deno.test("App.use() refuses a path with an asterisk, which would guard nothing", () => {
  assert.throws(() => new App().use("/admin/*", () => new Response()), /leave the asterisk out/);
});

Deno.test("App answers 500 and says why when a middleware or a handler returns nothing", async () => {
  const forgetful = (() => {}) as unknown as () => Response;
  const messages: string[] = [];
  const files = {
    "_error.ts": {
      handler: define.handlers((ctx) => {
        messages.push((ctx.error as Error).message);
        return new Response("sorry", { status: 500 });
      }),
    },
    "index.ts": { handler: answer("home") },
  };
  for (
    const handle of [
      handlerOf<State>(files, { app: new App<State>().use(forgetful) }),
      handlerOf<State>({ ...files, "_middleware.ts": { handler: forgetful } }),
    ]
  ) {
    const response = await handle(get("/"));
    assert.equal(response.status, 500);
    assert.equal(await text(response), "sorry");
  }
  assert.equal(messages.length, 2);
  assert.match(
    messages[0]!,
    /^\/: the middleware forgetful returned no Response; is "return ctx.next\(\)" missing\?$/,
  );
});

Deno.test("App surrounds answers 404 and 405 with the middlewares of the whole site", async () => {
  const mark = define.middleware(async (ctx) => {
    const response = await ctx.next();
    response.headers.set("x-seen", "yes");
    return response;
  });
  const sorry = define.handlers((ctx) =>
    new Response("sorry", { status: (ctx.error as HttpError).status, headers: { "x-late": "" } })
  );
  const seen: unknown[] = [];
  const handle = handlerOf<State>({
    "_error.ts": { handler: sorry },
    "index.ts": { handler: answer("home") },
  }, {
    app: new App<State>().use(async (ctx) => {
      try {
        return await mark(ctx);
      } catch (error) {
        seen.push(error);
        throw error;
      }
    }),
  });
  for (const [method, path, status] of [["GET", "/no", 404], ["PUT", "/", 405]] as const) {
    const response = await handle(get(path, { method }));
    assert.equal(response.status, status);
    assert.equal(await text(response), "sorry");
  }
  assert.deepEqual(seen.map((error) => (error as HttpError).status), [404, 405]);
  assert.equal((await handle(get("/"))).headers.get("x-seen"), "yes");
});

Deno.test("an error page answers errors of middlewares beside it, and an inner one goes first", async () => {
  const sorry = (name: string) => ({ handler: () => new Response(name, { status: 500 }) });
  const fail = () => Promise.reject(new Error("bug"));
  const handle = handlerOf<State>({
    "_error.ts": sorry("outer"),
    "admin/_error.ts": sorry("inner"),
    "admin/index.ts": { handler: { GET: fail } },
    "bug.ts": { handler: { GET: fail } },
  });
  assert.equal(await text(await handle(get("/admin"))), "inner");
  assert.equal(await text(await handle(get("/bug"))), "outer");
  const early = handlerOf<State>({ "_error.ts": sorry("outer") }, {
    app: new App<State>().use(fail),
  });
  assert.equal(await text(await early(get("/"))), "outer");
});

Deno.test("an error page is rendered with the error's status, within the app wrapper", async () => {
  const handle = handlerOf<State>({
    "_app.tsx": {
      default: ({ Component }: PageProps) => (
        <body>
          <Component />
        </body>
      ),
    },
    "_error.tsx": { default: ({ error }: PageProps) => <p>{(error as Error).message}</p> },
    "teapot.ts": {
      handler: {
        GET() {
          throw new HttpError(418, "<tea>");
        },
      },
    },
    "bug.ts": { handler: { GET: () => Promise.reject(new Error("bug")) } },
  });
  const teapot = await handle(get("/teapot"));
  assert.equal(teapot.status, 418);
  assert.equal(await text(teapot), "<!DOCTYPE html><body><p>&lt;tea></p></body>");
  assert.equal((await handle(get("/bug"))).status, 500);
});

Deno.test("an error page chooses another status by its handler", async () => {
  const handle = handlerOf<State>({
    "_error.tsx": {
      handler: ({ error }) => page((error as Error).message, { status: 503 }),
      default: ({ data }: PageProps) => <p>{data as string}</p>,
    },
    "index.ts": { handler: { GET: () => Promise.reject(new Error("busy")) } },
  });
  const response = await handle(get("/"));
  assert.equal(response.status, 503);
  assert.equal(await text(response), "<!DOCTYPE html><p>busy</p>");
});

Deno.test("App without an error page shows no detail of an internal error", async () => {
  await withoutErrorOutput(async (logged) => {
    const bug = new Error("secret detail");
    const handle = handlerOf<State>({
      "index.ts": { handler: { GET: () => Promise.reject(bug) } },
    });
    const response = await handle(get("/"));
    assert.equal(response.status, 500);
    assert.equal(await text(response), "Error 500");
    assert.deepEqual(logged, [bug]);
  });
});

Deno.test("App answers nothing but what lies below its path prefix", async () => {
  const files = {
    "index.ts": { handler: answer("home") },
    "items/[id].ts": {
      handler: define.handlers({ GET: (ctx) => new Response(ctx.url.pathname + ctx.params.id) }),
    },
  };
  const handle = handlerOf<State>(files, { app: new App<State>({ basePath: "/mail" }) });
  assert.equal(await text(await handle(get("/mail"))), "home");
  assert.equal(await text(await handle(get("/mail/"))), "home");
  assert.equal(await text(await handle(get("/mail/items/7"))), "/mail/items/77");
  for (const path of ["/", "/items/7", "/mailbox"]) {
    assert.equal((await handle(get(path))).status, 404, path);
  }
});

Deno.test("W8: redirect() cannot be led away from the site by a path", async () => {
  const GET = define.middleware((ctx) => ctx.redirect(ctx.url.searchParams.get("to") ?? "/", 303));
  const handle = handlerOf<State>({ "go.ts": { handler: { GET } } });
  const location = async (to: string) =>
    (await handle(get(`/go?to=${encodeURIComponent(to)}`))).headers.get("location");
  assert.equal(await location("/account?a=//b"), "/account?a=//b");
  for (const to of ["//evil.example", "/\\evil.example", "/\\/evil.example", "///evil.example"]) {
    assert.equal(await location(to), "/evil.example");
  }
});
