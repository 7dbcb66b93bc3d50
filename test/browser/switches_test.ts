/**
 * The switches of the demo's panel, as they are pressed in a browser: one of each scope, and each with another state of the
 * account. All switches are walked through in `../switches_test.ts`.
 */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { deliver, DeliveryError } from "../../tools/send/mail_client.ts";
import { Testbed } from "../testbed.ts";
import { launchChromium, requireChromium, Tab } from "./chromium.ts";

const options = requireChromium();

/** A switch of the panel, and the cause that everything has to name. */
interface Case {
  /** Its label on the panel. */
  readonly label: string;
  /** The accounts that it is for. */
  readonly scope: "mailbox" | "tenant" | "everyone";
  readonly kind: "personal" | "work";
  readonly title: string;
  /** The state of the account that it causes, which the account page tells. */
  readonly state?: "refused" | "sign-in-required";
  /** Words of the SMTP reply. */
  readonly reply: RegExp;
}

const CASES: readonly Case[] = [
  {
    label: "SMTP AUTH off",
    scope: "mailbox",
    kind: "work",
    title: "Sending by SMTP is switched off for this mailbox",
    state: "refused",
    reply: /^535 5\.7\.\d+ SMTP AUTH is switched off for your mailbox/,
  },
  {
    label: "Needs to sign in again",
    scope: "mailbox",
    kind: "personal",
    title: "The sign-in was revoked",
    state: "sign-in-required",
    reply: /^535 5\.7\.\d+ Sign in with Microsoft again/,
  },
  {
    label: "Organisation blocked for spam",
    scope: "tenant",
    kind: "work",
    title: "Microsoft has blocked the whole organisation",
    reply: /^550 5\.7\.705 /,
  },
  {
    label: "Submission server out of service",
    scope: "everyone",
    kind: "personal",
    title: "The submission server is not available",
    reply: /^451 4\.3\.2 /,
  },
];

let bed: Testbed;
let browser: Browser;

Deno.test.beforeAll(async () => {
  if (options.ignore) return;
  bed = await Testbed.serving();
  browser = await launchChromium();
});
Deno.test.afterAll(async () => {
  if (options.ignore) return;
  await browser.close();
  await bed[Symbol.asyncDispose]();
});

/** Sends a mail as a device does. Returns what it is told. */
async function send(user: string, password: string): Promise<string> {
  const login = { user, password };
  const mail = { from: user, to: ["someone@example.com"], subject: "Text", text: "Text" };
  const server = { host: "localhost", port: bed.ports.smtp, security: "plain" } as const;
  try {
    return await deliver({ ...server, login, ...mail }, () => {});
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    return error.message.replace(/^.*?(?=[45]\d\d )/s, "");
  }
}

async function flip(tab: Tab, { scope, label }: Case, address: string): Promise<void> {
  const { webPages } = bed.simulation;
  const domain = address.slice(address.indexOf("@") + 1);
  const key = { mailbox: `mailbox:${address}`, tenant: `tenant:${domain}`, everyone: scope }[scope];
  await tab.page.goto(`${webPages.panelUrl}?for=${encodeURIComponent(key)}`);
  await tab.page.getByRole("button", { name: `Switch on: ${label}`, exact: true }).click();
  await tab.page.getByRole("button", { name: `Switch off: ${label}`, exact: true }).waitFor();
}

CASES.forEach((one, index) => {
  const { label, scope, kind, title, state, reply } = one;
  Deno.test({
    name: `one cause is told in all places: “${label}” of a ${kind} ${scope}`,
    ...options,
    async fn() {
      await using tab = await Tab.open(browser, bed.url);
      const { page } = tab;
      const address = `switch-${index}@${kind === "work" ? "contoso" : "outlook"}.example`;
      bed.simulation.troubles.set({ mailbox: address }, "mailbox-full");
      bed.simulation.troubles.clear();
      await tab.signIn(address);
      await page.waitForURL("**/account");
      const password = await tab.createAppPassword("Scanner");
      const logged = bed.server.log.length;
      await flip(tab, one, address);
      try {
        assert.match(await send(address, password), reply);
        await tab.open("/activity");
        const shown = await page.locator(".delivery").first().innerText();
        assert.ok(shown.includes(`${title}.`), shown);
        await tab.open("/account");
        const account = await page.locator("main").innerText();
        assert.equal(account.includes(title), state !== undefined, account);
        if (state !== "sign-in-required") {
          await page.getByRole("button", { name: "Send a test mail" }).click();
          const told = await page.locator("[role=status] .verdict").innerText();
          assert.ok(told.startsWith("Not accepted") && told.includes(`${title}.`), told);
        }
        const line = bed.server.log.slice(logged).split("\n").find((text) =>
          text.includes("hint=")
        ) ?? "";
        assert.ok(line.includes(`${title}.`), bed.server.log.slice(logged));
      } finally {
        bed.simulation.troubles.clear();
      }
      tab.assertClean();
    },
  });
});
