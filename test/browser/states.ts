/**
 * Pages in states that seldom come, with a stand-in behind them that makes them come: for tests and for pictures.
 *
 * @module
 */
import type { Browser } from "playwright-core";
import type { Alert } from "../../lib/alerts/alerts.ts";
import { DAY_MS, HOUR_MS } from "../../lib/base/mod.ts";
import { SignInError } from "../../lib/sign_in/sign_in.ts";
import type { AccountRecord } from "../../lib/store/mod.ts";
import {
  ACCOUNT,
  appPasswordOf,
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
  /** The route of the page that the steps lead to, as in a `URLPattern`. Default: that of `path`. */
  readonly lands?: string;
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
    lands: "/admin/organisation/check",
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
    lands: "/admin/organisation/:id/devices",
    prepare: asOrganisation,
    async act({ page }) {
      await page.getByLabel("One device per line").fill("Copier\nScanner 2nd floor\nAlarm system");
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
  {
    name: "rules",
    title: "the rules of an app password",
    path: "/account/passwords/id-of-printer/rules",
    prepare(fixture) {
      const rules = { allowedSender: "*@example.com", dailyLimit: 50 };
      fixture.passwords.push({ ...appPasswordOf(ACCOUNT.id, "printer"), ...rules });
    },
  },
  {
    name: "long_names",
    title: "an account with names of all kinds and lengths",
    path: "/account",
    prepare(fixture) {
      const email = `${"long.".repeat(12)}name@${"sub.".repeat(30)}example.com`;
      fixture.account = { ...ACCOUNT, email, signInName: email, shortName: "a".repeat(32) };
      for (
        const name of ["W".repeat(64), "מדפסת בקומה השנייה 2", "طابعة", "🖨️ <b>größte</b> &amp;"]
      ) {
        fixture.passwords.push({
          ...appPasswordOf(ACCOUNT.id, name),
          ...{ lastUsedAtMs: NOW_MS, lastUsedAddress: "2001:db8:1234:5678:9abc:def0:1234:5678" },
          allowedRecipients: "example.com a.very.long.name.of.a.domain.example.org",
        });
      }
    },
  },
  {
    name: "name_refused",
    title: "a name that is refused, without a script",
    path: "/account",
    lands: "/account/passwords",
    prepare() {},
    async act(tab) {
      await tab.sendForm("form[action$='/account/passwords']");
      await tab.page.getByRole("alert").waitFor();
      tab.forgive(400);
    },
  },
  {
    name: "test_mail_refused",
    title: "a test mail that Microsoft refuses",
    path: "/account",
    prepare: refusesTestMails,
    async act({ page }) {
      await page.getByRole("button", { name: "Send a test mail" }).click();
      await page.getByText("Not accepted").waitFor();
    },
  },
  {
    name: "test_mail_without_script",
    title: "a test mail, without a script",
    path: "/account",
    lands: "/account/test-mail",
    prepare: refusesTestMails,
    act: (tab) => tab.sendForm("form[action$='/account/test-mail']"),
  },
  {
    name: "activity_empty",
    title: "an activity in which nothing was sent yet",
    path: "/activity",
    prepare() {},
  },
  {
    name: "secret_end",
    title: "the expiry date of a client secret",
    path: "/admin/registrations/client-1/secret-end",
    prepare(fixture) {
      fixture.adminEmails.push(ACCOUNT.email);
      fixture.knownRegistrations.push({
        clientId: "client-1",
        tenant: "common",
        authentication: "secret",
        sendsForMailboxes: false,
        isEndEntered: false,
      });
    },
  },
  {
    name: "accounts_many",
    title: "many accounts, some of them in trouble",
    path: "/admin/accounts?page=2",
    prepare(fixture) {
      fixture.adminEmails.push(ACCOUNT.email);
      fixture.otherAccounts.push(...manyAccounts(false));
      fixture.excluded.push("person60@example.com");
    },
  },
  {
    name: "organisation_many",
    title: "an organisation with many mailboxes",
    path: "/admin/organisation?order=state&page=2",
    prepare(fixture) {
      asOrganisation(fixture);
      fixture.otherAccounts.push(...manyAccounts(true));
    },
  },
  {
    name: "organisation_search",
    title: "a search for mailboxes that finds none",
    path: "/admin/organisation?search=nobody",
    prepare: asOrganisation,
  },
  {
    name: "mailbox",
    title: "a mailbox with devices",
    path: "/admin/organisation/scanner",
    prepare(fixture) {
      asOrganisation(fixture);
      const used = { lastUsedAtMs: NOW_MS, lastUsedAddress: "192.168.1.40" };
      fixture.passwords.push(
        { ...appPasswordOf("scanner", "Scanner 2nd floor"), ...used, forcedSender: true },
        { ...appPasswordOf("scanner", "NAS"), dailyLimit: 20, clientAddresses: "192.168.1.0/24" },
      );
    },
  },
  {
    name: "mailbox_checked",
    title: "a mailbox that can send",
    path: "/admin/organisation/scanner",
    prepare: asOrganisation,
    async act({ page }) {
      await page.getByRole("button", { name: "Check that it can send" }).click();
      await page.getByRole("heading", { name: "It can send" }).waitFor();
    },
  },
  {
    name: "invitation",
    title: "a new invitation",
    path: "/admin/organisation",
    lands: "/admin/organisation/invitations",
    prepare: asOrganisation,
    async act({ page }) {
      await page.getByLabel("Name of the invitation").fill("Anna in accounting");
      await page.getByRole("button", { name: "Make an invitation" }).click();
      await page.getByText("It is not shown again").waitFor();
    },
  },
  {
    name: "invitation_revoke",
    title: "an invitation to revoke",
    path: "/admin/organisation/invitations/id-of-Anna/revoke",
    prepare: withInvitation,
  },
  {
    name: "invitations",
    title: "an organisation with an invitation",
    path: "/admin/organisation",
    prepare: withInvitation,
  },
  ...[
    ["account_delete", "an account to delete", "delete"],
    ["account_sign_out", "an account to sign out", "sign-out"],
    ["password_revoke", "an app password to revoke", "passwords/id-of-NAS/revoke"],
    ["password_rules", "the rules of a device", "passwords/id-of-NAS/rules"],
  ].map(([name, title, path]) => ({
    name: `admin_${name}`,
    title: `${title}, for an operator`,
    path: `/admin/accounts/scanner/${path}`,
    prepare(fixture: PagesFixture) {
      asOrganisation(fixture);
      fixture.passwords.push(appPasswordOf("scanner", "NAS"));
    },
  })),
  {
    name: "setup_link",
    title: "a one-time link to the administration",
    path: "/setup?token=good-token",
    prepare() {},
  },
  {
    name: "no_operator",
    title: "an administration that is closed to the reader",
    path: "/admin",
    prepare() {},
  },
];

function withInvitation(fixture: PagesFixture): void {
  asOrganisation(fixture);
  const times = { createdAtMs: NOW_MS, expiresAtMs: NOW_MS + 7 * DAY_MS };
  fixture.invitations.push({ id: "id-of-Anna", name: "Anna", ...times, usesLeft: 3 });
}

function refusesTestMails(fixture: PagesFixture): void {
  fixture.testMailSteps = [
    { kind: "note", text: "The certificate is good for smtp.site.example." },
    { kind: "client", text: "MAIL FROM:<me@example.com>" },
    { kind: "server", text: "554 5.2.252 SendAsDenied" },
    {
      kind: "failure",
      text: "554 5.2.252 SendAsDenied",
      explanation: {
        title: "The mailbox may not use that sender",
        code: "554 5.2.252",
        cause: "Microsoft accepts only addresses that belong to the mailbox.",
        fixer: "user",
        remedy: "Set the sender in the device to the address of your mailbox.",
        smtpText: "The mailbox may not use that sender",
        known: true,
      },
    },
  ];
}

/** Enough for three pages of a list, with one in trouble here and there. */
function manyAccounts(appOnly: boolean): AccountRecord[] {
  return Array.from({ length: 118 }, (_, index) => ({
    ...ACCOUNT,
    ...{ id: `account-${index + 2}`, appOnly, email: `person${index}@example.com` },
    ...{ displayName: index % 3 === 0 ? `שם ${index}` : `Person ${index}` },
    ...index % 10 === 1 && { state: "refused", stateReason: "535 5.7.139 Disabled" } as const,
  }));
}

/** A site that shows pages in one state after another, in one tab: a new browser process for each would cost seconds. */
export class Stage implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #tab: Tab;
  readonly #shown: { fixture: PagesFixture };

  private constructor(
    server: Deno.HttpServer<Deno.NetAddr>,
    tab: Tab,
    shown: { fixture: PagesFixture },
  ) {
    this.#server = server;
    this.#tab = tab;
    this.#shown = shown;
  }

  static async open(browser: Browser): Promise<Stage> {
    const shown = { fixture: new PagesFixture() };
    const options = { port: 0, onListen: () => {} };
    const server = Deno.serve(options, (request) => shown.fixture.handle(request));
    return new Stage(
      server,
      await Tab.open(browser, `http://localhost:${server.addr.port}`),
      shown,
    );
  }

  /** Opens a page in its state. */
  async show({ path, lands, cookie = "good", prepare, act }: StatePlace): Promise<Tab> {
    const tab = this.#tab;
    this.#shown.fixture.live.close();
    const fixture = this.#shown.fixture = new PagesFixture();
    prepare(fixture);
    const context = tab.page.context();
    await context.clearCookies();
    const url = `http://localhost:${this.#server.addr.port}`;
    await context.addCookies([{ name: "session", value: cookie, url }]);
    await tab.open(path);
    await tab.awake();
    await act?.(tab);
    if (lands) tab.assertAt(lands);
    return tab;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tab[Symbol.asyncDispose]();
    this.#shown.fixture.live.close();
    await this.#server.shutdown();
  }
}
