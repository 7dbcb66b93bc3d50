/**
 * Every page, as somebody sees it who has used the product for a while: for the tests of all pages and for pictures.
 *
 * @module
 */
import { GUIDE_GROUPS } from "../../lib/guides/mod.ts";
import { DEMO_APPLICATION } from "../../tools/simulate/identity_provider.ts";
import { deliver, DeliveryError } from "../../tools/send/mail_client.ts";
import { NORA, type Testbed } from "../testbed.ts";
import type { Tab } from "./chromium.ts";

/** A page that can be opened by its address. */
export interface PagePlace {
  readonly name: string;
  readonly path: string;
  /** The route of the page that the steps lead to, as in a `URLPattern`. Default: that of `path`. */
  readonly lands?: string;
  /** Steps on the page to the state that is meant. */
  readonly prepare?: (tab: Tab) => Promise<unknown>;
}

/** Pages for visitors. */
export const PUBLIC_PAGES: readonly PagePlace[] = [
  { name: "home", path: "/" },
  { name: "guides", path: "/guides" },
  { name: "invite", path: "/invite" },
  { name: "setup_link_used", path: "/setup?token=used" },
  { name: "not_found", path: "/nothing-here" },
  { name: "sign_in_failed", path: "/auth?error=x&state=x" },
];

/** Guides that between them have every kind of part. */
const GUIDES = ["gmail", "apple-mail", "printer", "wordpress", "postfix", "python"];

/** All other guides: they look like those. */
export const OTHER_GUIDES: readonly PagePlace[] = GUIDE_GROUPS.flatMap(({ guides }) => guides)
  .filter(({ slug }) => !GUIDES.includes(slug))
  .map(({ slug }) => ({ name: `guide_${slug}`, path: `/guides/${slug}` }));

/** Pages for an operator who has signed in, apart from those of single accounts. */
export const PRIVATE_PAGES: readonly PagePlace[] = [
  { name: "account", path: "/account" },
  { name: "activity", path: "/activity" },
  { name: "activity_search", path: "/activity?search=nothing&outcome=refused" },
  ...GUIDES.map((slug) => ({ name: `guide_${slug}`, path: `/guides/${slug}` })),
  { name: "admin", path: "/admin" },
  { name: "admin_accounts", path: "/admin/accounts" },
  { name: "admin_organisation", path: "/admin/organisation" },
  { name: "admin_setup", path: "/admin/organisation/setup" },
  { name: "admin_audit", path: "/admin/audit" },
  { name: "admin_configuration", path: "/admin/configuration" },
  { name: "admin_checks", path: "/admin/checks" },
  { name: "admin_replicas", path: "/admin/replicas" },
];

/** Pages that come after a form was sent, and parts that open. Each leaves traces on other pages. */
export const ACTED_PAGES: readonly PagePlace[] = [
  {
    name: "new_password",
    path: "/account",
    lands: "/account/passwords/:id",
    prepare: (tab) => tab.createAppPassword("Label printer"),
  },
  {
    name: "new_password_guide",
    path: "/account",
    lands: "/account/passwords/:id",
    async prepare(tab) {
      await tab.createAppPassword("Build server");
      await tab.page.getByLabel("Device or program").selectOption("python");
      await tab.page.locator("#step-1").waitFor();
    },
  },
  {
    name: "flash",
    path: "/account",
    async prepare({ page }) {
      await page.getByRole("link", { name: "Rename" }).first().click();
      await page.getByRole("dialog").getByLabel("New name").fill("Build machine");
      await page.getByRole("button", { name: "Rename" }).click();
      await page.getByRole("status").filter({ hasText: "Build machine" }).waitFor();
    },
  },
  {
    name: "question",
    path: "/account",
    async prepare(tab) {
      await tab.awake();
      await tab.page.getByRole("link", { name: "Revoke" }).first().click();
    },
  },
  {
    name: "mistake",
    path: "/account",
    lands: "/account/short-name",
    async prepare(tab) {
      await tab.page.getByLabel("Short SMTP user name (optional)").fill("a b");
      await tab.page.getByRole("button", { name: "Save" }).click();
      await tab.page.getByRole("alert").waitFor();
      tab.forgive(400);
    },
  },
  {
    name: "everything_open",
    path: "/account",
    prepare: ({ page }) =>
      page.evaluate(() =>
        document.querySelectorAll<HTMLDetailsElement>("main details").forEach((one) => {
          one.open = true;
        })
      ),
  },
  {
    name: "test_mail",
    path: "/account",
    async prepare({ page }) {
      await page.getByRole("button", { name: "Send a test mail" }).click();
      await page.getByText("Microsoft has accepted the message").waitFor();
    },
  },
  {
    name: "admin_account",
    path: "/admin/accounts",
    lands: "/admin/accounts/:id",
    async prepare({ page }) {
      await page.locator("tbody a").first().click();
      await page.getByRole("heading", { name: "Last deliveries" }).waitFor();
    },
  },
  {
    name: "admin_checked",
    path: "/admin/checks",
    async prepare({ page }) {
      await page.getByRole("button", { name: "Check now" }).click();
      await page.getByText("its certificate is valid, and it offers XOAUTH2").waitFor();
    },
  },
  openQuestion("rename_without_script", "Rename", "/account/passwords/:id/rename"),
  openQuestion("revoke_without_script", "Revoke", "/account/passwords/:id/revoke"),
  openQuestion("delete_without_script", "Delete account", "/account/delete"),
];

/** The page that a link leads to where its dialog needs a script. */
function openQuestion(name: string, link: string, lands: string): PagePlace {
  return {
    ...{ name, path: "/account", lands },
    async prepare(tab) {
      const href = await tab.page.getByRole("link", { name: link }).first().getAttribute("href");
      await tab.open(href!);
    },
  };
}

/** The pages of the simulated identity service, and those with its mail and its switches. */
export function simulatedPages({ url, simulation }: Testbed): readonly SimulatedPages[] {
  const { identityProvider: { authority }, webPages } = simulation;
  const consent = new URLSearchParams({
    client_id: DEMO_APPLICATION.id,
    redirect_uri: `${url}/auth`,
  });
  const mail = webPages.url.replace(/\/$/, "");
  return [
    {
      site: authority,
      places: [
        { name: "microsoft_sign_in", path: `${url}/auth` },
        {
          name: "microsoft_problem",
          path: `${url}/auth`,
          async prepare({ page }) {
            await page.getByLabel("Sign-in name").fill("scanner@contoso.example");
            await page.getByRole("button", { name: "Next" }).click();
            await page.getByRole("alert").waitFor();
          },
        },
        {
          name: "microsoft_consent",
          path: `${authority}/contoso.example/v2.0/adminconsent?${consent}`,
        },
      ],
    },
    {
      site: mail,
      places: [
        { name: "mail", path: "/" },
        {
          name: "message",
          path: "/",
          async prepare({ page }) {
            await page.getByRole("link", { name: "Order" }).first().click();
            await page.getByText("Show the source").click();
          },
        },
        { name: "message_gone", path: "/messages/1000" },
        { name: "panel", path: "/troubles" },
        { name: "panel_everyone", path: "/troubles?for=everyone" },
        {
          name: "panel_on",
          path: "/troubles",
          prepare: ({ page }) => page.getByRole("button", { name: "Switch on" }).first().click(),
        },
      ],
    },
  ];
}

/** Pages of one site of the simulation. */
export interface SimulatedPages {
  readonly site: string;
  readonly places: readonly PagePlace[];
}

/** Settings that make a presentable product of the simulated one. */
export const SETTINGS: Readonly<Record<string, string>> = {
  ADMIN_EMAILS: NORA,
  ACTIVITY_RECIPIENTS: "full",
  SITE_CONTACT: "help@example.com",
  SMTP_PORT: "",
  SMTP_PUBLIC_HOST: "mail.example.com",
  SMTP_PUBLIC_STARTTLS_PORT: "587",
  SMTP_PUBLIC_TLS_PORT: "465",
};

/** Signs in, creates app passwords, and sends: some of it is accepted, some not. */
export async function usedForAWhile(bed: Testbed, tab: Tab): Promise<void> {
  await tab.signIn(NORA);
  const scanner = await tab.createAppPassword("Scanner, 2nd floor");
  const website = await tab.createAppPassword("Website");
  await tab.createAppPassword("Gmail");
  const people = ["amara@fabrikam.example", "juergen.weiss@hotmail.example"];
  await send(bed, scanner, { to: people.slice(0, 1), subject: "Scan" });
  await send(bed, website, { to: people, subject: "Order 1042" });
  await send(bed, website, { to: people, subject: "Order 1043" });
  const { submissionServer } = bed.simulation;
  submissionServer.pace = () => submissionServer.stop();
  await refused(send(bed, website, { to: people, subject: "Order 1044" }));
  submissionServer.pace = undefined;
  await submissionServer.restart();
}

interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
}

function send(bed: Testbed, password: string, { to, subject }: Mail) {
  return deliver({
    host: "localhost",
    port: bed.ports.startTls,
    security: "starttls",
    ca: bed.ca,
    login: { user: NORA, password },
    ...{ from: NORA, to, subject },
    text: "Text",
  }, () => {});
}

async function refused(sending: Promise<string>): Promise<void> {
  try {
    await sending;
  } catch (error) {
    if (error instanceof DeliveryError) return;
    throw error;
  }
}
