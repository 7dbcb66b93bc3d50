import { App, csp, csrf, type RouteComponent, staticFiles } from "fresh";
import { securityHeaders } from "../lib/web/security_headers.ts";
import type { WebServices } from "../lib/web/services.ts";
import { requireAdmin, requireUser, session } from "../lib/web/session.ts";
import { Site, siteOf } from "../lib/web/site.ts";
import { define, type State } from "../lib/web/state.ts";
import Document from "./_app.tsx";
import { errorPage } from "./_error.tsx";
import Layout from "./_layout.tsx";
import * as deleteAccount from "./account/delete.ts";
import * as account from "./account/index.tsx";
import * as passwords from "./account/passwords.tsx";
import * as rename from "./account/rename.tsx";
import * as revoke from "./account/revoke.ts";
import * as shortName from "./account/short_name.tsx";
import * as signOut from "./account/sign_out.ts";
import * as signOutEverywhere from "./account/sign_out_everywhere.ts";
import * as testMail from "./account/test_mail.tsx";
import * as activityEvents from "./activity/events.ts";
import * as activity from "./activity/index.tsx";
import * as adminAccount from "./admin/account.tsx";
import * as adminAccounts from "./admin/accounts.tsx";
import * as adminActions from "./admin/actions.ts";
import * as adminConfiguration from "./admin/configuration.tsx";
import * as admin from "./admin/index.tsx";
import * as auth from "./auth.tsx";
import * as autoconfig from "./autoconfig.ts";
import * as guide from "./guides/guide.tsx";
import * as guides from "./guides/index.tsx";
import * as appleProfile from "./guides/profile.ts";
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
    .use("/account", requireUser)
    .use("/activity", requireUser)
    .use("/guides/apple-mail/profile.mobileconfig", requireUser)
    .use("/admin", requireUser, requireAdmin);
  for (const [path, module] of Object.entries(ROUTES)) mount(app, path, module);
  return app;
}

/** A file of `routes/`, shaped as Fresh's file routes are. */
interface RouteModule {
  // deno-lint-ignore no-explicit-any -- handler and page agree on their data by `define.page<typeof handler>`
  readonly handler?: any;
  readonly default?: unknown;
}

const ROUTES: Readonly<Record<string, RouteModule>> = {
  "/": home,
  "/auth": auth,
  "/account": account,
  "/account/passwords": passwords,
  "/account/passwords/:id/rename": rename,
  "/account/passwords/:id/revoke": revoke,
  "/account/short-name": shortName,
  "/account/test-mail": testMail,
  "/account/sign-out": signOut,
  "/account/sign-out-everywhere": signOutEverywhere,
  "/account/delete": deleteAccount,
  "/guides": guides,
  "/guides/:slug": guide,
  "/guides/apple-mail/profile.mobileconfig": appleProfile,
  "/activity": activity,
  "/activity/events": activityEvents,
  "/admin": admin,
  "/admin/accounts": adminAccounts,
  "/admin/accounts/:id": adminAccount,
  "/admin/accounts/:id/passwords/:password/revoke": { handler: adminActions.revoke },
  "/admin/accounts/:id/sign-out": { handler: adminActions.signOut },
  "/admin/accounts/:id/delete": { handler: adminActions.deleteAccount },
  "/admin/configuration": adminConfiguration,
  "/.well-known/autoconfig/mail/config-v1.1.xml": autoconfig,
  "/mail/config-v1.1.xml": autoconfig,
};

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
