/**
 * Pages in states that seldom come, with a stand-in behind them that makes them come: for tests and for pictures.
 *
 * @module
 */
import type { Browser } from "playwright-core";
import type { Alert } from "../../lib/alerts/alerts.ts";
import { DAY_MS, HOUR_MS } from "../../lib/base/mod.ts";
import { SignInError } from "../../lib/sign_in/sign_in.ts";
import {
  ACCOUNT,
  deliveryOf,
  NOW_MS,
  PagesFixture,
} from "../../routes/(_components)/testing/pages_fixture.ts";
import { Tab } from "./chromium.ts";

const WORK_TENANT = "22222222-2222-4222-8222-222222222222";
const OUTCOMES = ["accepted", "refused", "deferred", "unknown", "abandoned"] as const;

/** A page to look at, and how the fixture behind it has to be. */
export interface StatePlace {
  readonly name: string;
  readonly title: string;
  readonly path: string;
  readonly cookie?: string;
  prepare(fixture: PagesFixture): void;
  /** Leads from the page to the one to look at. */
  act?(tab: Tab): Promise<void>;
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

/** An organisation with mailboxes that nobody signs in to. */
function asOrganisation(fixture: PagesFixture): void {
  fixture.adminEmails.push(ACCOUNT.email);
  fixture.registrations.push({
    clientId: "client-1",
    tenant: "contoso.example",
    authentication: "certificate",
    sendsForMailboxes: true,
  });
  for (const [id, displayName] of [["office", "Front office"], ["scanner", "Scanners"]] as const) {
    const email = `${id}@contoso.example`;
    fixture.otherAccounts.push({ ...ACCOUNT, id, email, displayName, appOnly: true });
  }
}

/** Pages in all their states. */
export const STATES: readonly StatePlace[] = [
  {
    name: "sign_in_again",
    title: "an account that has to sign in again",
    path: "/account",
    prepare(fixture) {
      fixture.account = { ...ACCOUNT, state: "sign-in-required", stateReason: "AADSTS70008" };
    },
  },
  {
    name: "refused",
    title: "an account that the submission server refuses",
    path: "/account",
    prepare(fixture) {
      const stateReason = "535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox.";
      fixture.account = { ...ACCOUNT, tenantId: WORK_TENANT, state: "refused", stateReason };
    },
  },
  {
    name: "consent",
    title: "an account that an administrator has to consent to",
    path: "/account",
    prepare(fixture) {
      const stateReason = "AADSTS90094 (consent_required): Admin consent is required.";
      fixture.account = {
        ...ACCOUNT,
        tenantId: WORK_TENANT,
        state: "sign-in-required",
        stateReason,
      };
    },
  },
  {
    name: "activity_refused",
    title: "refused logins and senders",
    path: "/activity",
    prepare(fixture) {
      const refused = { outcome: "refused", recipientCount: 0 } as const;
      fixture.deliveries.push(
        deliveryOf(2, {
          ...refused,
          stage: "auth",
          attempts: 7,
          reply: "535 5.7.8 Sign in with Microsoft again",
          cause: "sign-in:AADSTS50173 (invalid_grant): The provided grant has expired.",
        }),
        deliveryOf(1, {
          ...refused,
          stage: "mail",
          reply: "550 5.7.1 This app password may not send from that address",
          cause: "proxy:550 5.7.1",
        }),
      );
    },
  },
  {
    name: "renewal_delayed",
    title: "an account whose sign-in is not renewed at the moment",
    path: "/account",
    prepare(fixture) {
      fixture.tokenStatus = { state: "delayed" };
      fixture.alerts.push(ALERT);
    },
  },
  {
    name: "activity_outcomes",
    title: "all outcomes of a delivery",
    path: "/activity",
    prepare(fixture) {
      const reply = "554 5.2.252 SendAsDenied";
      OUTCOMES.forEach((outcome, id) =>
        fixture.deliveries.push(deliveryOf(id, { outcome, reply }))
      );
    },
  },
  {
    name: "admin_warnings",
    title: "warnings to the operator",
    path: "/admin",
    prepare(fixture) {
      fixture.adminEmails.push(ACCOUNT.email);
      fixture.alerts.push(ALERT);
      fixture.warnings.push({
        variable: "ALLOWED_DOMAINS_LIST",
        message: "Anyone with a Microsoft account may register.",
        remedy: "Set it to the domains of your organisation.",
      });
      fixture.health = {
        certificates: [["SMTP", NOW_MS + 30 * DAY_MS]],
        latency: { count: 200, p50Ms: 640, p95Ms: 1480 },
        renewals: [{ outcome: "renewed", count: 41, lastAtMs: NOW_MS - HOUR_MS }],
        mailboxes: [{ accountId: ACCOUNT.id, inUse: 2, idle: 0, waiting: 3 }],
      };
      fixture.knownRegistrations.push({
        clientId: "client-1",
        tenant: "common",
        authentication: "secret",
        sendsForMailboxes: false,
        endsAtMs: NOW_MS + 20 * DAY_MS,
        isEndEntered: true,
      });
    },
  },
  {
    name: "organisation",
    title: "an organisation with mailboxes",
    path: "/admin/organisation",
    prepare: asOrganisation,
  },
  {
    name: "organisation_check",
    title: "an organisation whose mailboxes were checked, and one right is missing",
    path: "/admin/organisation",
    prepare(fixture) {
      asOrganisation(fixture);
      fixture.proof = {
        verdict: "bad",
        sent: false,
        explanation: {
          title: "The application has no right on the mailbox",
          code: "5.7.3",
          cause: "The application may sign in, but not send for this mailbox.",
          fixer: "tenant-admin",
          remedy: "Give it the right with the lines below. It takes up to an hour to spread.",
        },
        commands: {
          shell: "Exchange Online PowerShell",
          lines: [
            "Add-MailboxPermission -Identity scanner@contoso.example -User client-1 -AccessRights FullAccess",
          ],
        },
      };
    },
    async act({ page }) {
      await page.getByRole("button", { name: "Check that all can send" }).click();
      await page.getByText("The application has no right on the mailbox").first().waitFor();
    },
  },
  {
    name: "device_sheets",
    title: "the sheets of new devices",
    path: "/admin/organisation/scanner",
    prepare: asOrganisation,
    async act({ page }) {
      await page.getByLabel("One device a line").fill("Copier\nScanner 2nd floor\nAlarm system");
      await page.getByRole("button", { name: "Create and show the sheets" }).click();
      await page.getByRole("heading", { name: "3 new devices" }).waitFor();
    },
  },
  {
    name: "home_trouble",
    title: "a start page in trouble, after the session has expired",
    path: "/?next=/account",
    cookie: "old",
    prepare: (fixture) => void fixture.alerts.push(ALERT),
  },
  {
    name: "not_allowed",
    title: "a sign-in that is not allowed",
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
    name: "internal_error",
    title: "an internal error",
    path: "/account",
    prepare(fixture) {
      fixture.storeError = new Error("bug");
    },
  },
];

/** Opens a page in its state, in a tab that closes by itself with everything behind it. */
export async function openState(
  browser: Browser,
  { path, cookie = "good", prepare, act }: StatePlace,
  look: (tab: Tab) => Promise<void>,
): Promise<void> {
  const fixture = new PagesFixture();
  prepare(fixture);
  await using server = Deno.serve({ port: 0, onListen: () => {} }, fixture.handle);
  const url = `http://localhost:${server.addr.port}`;
  await using tab = await Tab.open(browser, url);
  await tab.page.context().addCookies([{ name: "session", value: cookie, url }]);
  await tab.open(path);
  await act?.(tab);
  await look(tab);
  fixture.live.close();
}
