/**
 * Every page, as somebody sees it who has used the product for a while: for the tests of all pages and for pictures.
 *
 * @module
 */
import { deliver, DeliveryError } from "../../tools/send/mail_client.ts";
import { NORA, type Testbed } from "../testbed.ts";
import type { Tab } from "./chromium.ts";

/** A page that can be opened by its address. */
export interface PagePlace {
  readonly name: string;
  readonly path: string;
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

const GUIDES = [
  ...["gmail", "thunderbird", "apple-mail", "printer", "nas", "wordpress", "home-assistant"],
  ...["proxmox", "msmtp", "postfix", "swaks", "curl", "python", "nodemailer"],
];

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
  { name: "admin_replicas", path: "/admin/replicas" },
];

/** Settings that make a presentable product of the simulated one. */
export const SETTINGS: Readonly<Record<string, string>> = {
  ADMIN_EMAILS: NORA,
  ACTIVITY_RECIPIENTS: "full",
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
