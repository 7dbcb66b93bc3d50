/**
 * Pages in states that seldom come, accessible and clean as well: with a stand-in behind them that makes them come.
 */
import type { Browser } from "playwright-core";
import type { Alert } from "../../lib/alerts/alerts.ts";
import { SignInError } from "../../lib/sign_in/sign_in.ts";
import {
  ACCOUNT,
  deliveryOf,
  NOW_MS,
  PagesFixture,
} from "../../routes/(_components)/testing/pages_fixture.ts";
import { launchChromium, requireChromium, Tab } from "./chromium.ts";

const options = requireChromium();
const OUTCOMES = ["accepted", "refused", "deferred", "unknown", "abandoned"] as const;

let browser: Browser;

Deno.test.beforeAll(async () => {
  if (!options.ignore) browser = await launchChromium();
});
Deno.test.afterAll(async () => {
  if (!options.ignore) await browser.close();
});

/** A page to look at, and how the fixture behind it has to be. */
interface Case {
  readonly name: string;
  readonly path: string;
  readonly cookie?: string;
  prepare(fixture: PagesFixture): void;
}

const ALERT: Alert = {
  kind: "registration-refused",
  subject: "client-1",
  label: "client-1",
  accountId: ACCOUNT.id,
  text: "The client secret has expired (AADSTS7000222).",
  remedy: "Create a new client secret.",
  fixer: "operator",
  sinceMs: NOW_MS,
  lastSeenMs: NOW_MS,
  count: 2,
};

const CASES: readonly Case[] = [
  {
    name: "an account that has to sign in again",
    path: "/account",
    prepare(fixture) {
      fixture.account = { ...ACCOUNT, state: "sign-in-required", stateReason: "AADSTS70008" };
    },
  },
  {
    name: "an account whose sign-in is not renewed at the moment",
    path: "/account",
    prepare(fixture) {
      fixture.tokenStatus = { state: "delayed" };
      fixture.alerts.push(ALERT);
    },
  },
  {
    name: "all outcomes of a delivery",
    path: "/activity",
    prepare(fixture) {
      const reply = "554 5.2.252 SendAsDenied";
      OUTCOMES.forEach((outcome, id) =>
        fixture.deliveries.push(deliveryOf(id, { outcome, reply }))
      );
    },
  },
  {
    name: "warnings to the operator",
    path: "/admin",
    prepare(fixture) {
      fixture.adminEmails.push(ACCOUNT.email);
      fixture.alerts.push(ALERT);
    },
  },
  {
    name: "a start page in trouble, after the session has expired",
    path: "/?next=/account",
    cookie: "old",
    prepare: (fixture) => void fixture.alerts.push(ALERT),
  },
  {
    name: "a sign-in that is not allowed",
    path: "/auth?error=x&state=x",
    prepare(fixture) {
      const title = "This account may not use this proxy";
      const texts = { title, cause: "Why.", remedy: "What.", code: "not_allowed", smtpText: "" };
      fixture.signInError = new SignInError("not-allowed", {
        ...texts,
        fixer: "operator",
        known: true,
      });
    },
  },
  {
    name: "an internal error",
    path: "/account",
    prepare(fixture) {
      fixture.storeError = new Error("bug");
    },
  },
];

for (const { name, path, cookie = "good", prepare } of CASES) {
  Deno.test({
    name: `the page of ${name} is accessible and clean`,
    ...options,
    async fn() {
      const fixture = new PagesFixture();
      prepare(fixture);
      await using server = Deno.serve({ port: 0, onListen: () => {} }, fixture.handle);
      const url = `http://localhost:${server.addr.port}`;
      await using tab = await Tab.open(browser, url);
      await tab.page.context().addCookies([{ name: "session", value: cookie, url }]);
      await tab.open(path);
      await tab.inspect();
      fixture.live.close();
    },
  });
}
