import { App, csp, csrf, type RouteComponent, staticFiles } from "fresh";
import { securityHeaders } from "../lib/web/security_headers.ts";
import type { WebServices } from "../lib/web/services.ts";
import { requireUser, session } from "../lib/web/session.ts";
import { Site, siteOf } from "../lib/web/site.ts";
import { define, type State } from "../lib/web/state.ts";
import Document from "./_app.tsx";
import { errorPage } from "./_error.tsx";
import Layout from "./_layout.tsx";
import * as deleteAccount from "./account/delete.ts";
import * as account from "./account/index.tsx";
import * as passwords from "./account/passwords.tsx";
import * as revoke from "./account/revoke.ts";
import * as signOut from "./account/sign_out.ts";
import * as auth from "./auth.tsx";
import * as home from "./index.tsx";

/** The web pages. Give it what the build made with `applySnapshot()`, and serve its `handler()`. */
export function createWebApp(services: WebServices): App<State> {
  const app = new App<State>()
    .use(securityHeaders, csp(), provide(services))
    .appWrapper(Document)
    .layout("*", Layout)
    .onError("*", errorPage)
    .use(findSite, staticFiles())
    .use(csrf({ origin: (origin, ctx) => origin === ctx.state.site.origin }))
    .use(session)
    .use("/account", requireUser);
  mount(app, "/", home);
  mount(app, "/auth", auth);
  mount(app, "/account", account);
  mount(app, "/account/passwords", passwords);
  mount(app, "/account/passwords/:id/revoke", revoke);
  mount(app, "/account/sign-out", signOut);
  mount(app, "/account/delete", deleteAccount);
  return app;
}

/** A file of `routes/`, shaped as Fresh's file routes are. */
interface RouteModule {
  // deno-lint-ignore no-explicit-any -- handler and page agree on their data by `define.page<typeof handler>`
  readonly handler?: any;
  readonly default?: unknown;
}

function mount(app: App<State>, path: string, { handler, default: component }: RouteModule): void {
  app.route(path, { handler, component: component as RouteComponent<State> | undefined });
}

function provide(services: WebServices) {
  return define.middleware((ctx) => {
    ctx.state.services = services;
    ctx.state.site = new Site(new URL("/", ctx.url));
    return ctx.next();
  });
}

const findSite = define.middleware((ctx) => {
  const { remoteAddr } = ctx.info;
  const peer = "hostname" in remoteAddr ? remoteAddr.hostname : undefined;
  ctx.state.site = siteOf(ctx.url, ctx.req.headers, peer, ctx.state.services.site);
  ctx.config.basePath = ctx.state.site.basePath;
  return ctx.next();
});
