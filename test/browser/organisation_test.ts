/**
 * The whole way of an administrator without any sign-in, in a real browser against the real program: from a one-time link to
 * forty devices that send, and to the end of one of them.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Browser } from "playwright-core";
import { OFFICE_APPLICATION } from "../../tools/simulate/identity_provider.ts";
import { tenantIdOf } from "../../tools/simulate/people.ts";
import { requireProgram, run } from "../programs.ts";
import { Testbed } from "../testbed.ts";
import { launchChromium, requireChromium, Tab } from "./chromium.ts";

const chromium = requireChromium();
const options = { ...chromium, ignore: chromium.ignore || requireProgram("swaks").ignore };

const SCANNER = "scanner@contoso.example";
const ALARM = "alarm@contoso.example";
const DEVICES = Array.from({ length: 40 }, (_, index) => `Scanner ${index + 1}`);
const CSV = `Name;PrimarySmtpAddress\nScanners;${SCANNER}\n"Alarm; system";${ALARM}\n`;

const { id, secret } = OFFICE_APPLICATION;
const SETTINGS = { APP_SECRETS: `${id}@${tenantIdOf(SCANNER)}:${secret}` };

let bed: Testbed;
let browser: Browser;

Deno.test.beforeAll(async () => {
  if (options.ignore) return;
  bed = await Testbed.open();
  Object.assign(bed.environment, SETTINGS);
  bed.simulation.directory.addSharedMailbox(ALARM);
  await bed.serve();
  browser = await launchChromium();
});
Deno.test.afterAll(async () => {
  if (options.ignore) return;
  await browser.close();
  await bed[Symbol.asyncDispose]();
});

/** Sends as a device whose sender cannot be set. @returns the dialogue. */
async function send(password: string): Promise<string> {
  const { output } = await run("swaks", [
    ...["--server", "localhost", "--port", `${bed.ports.smtp}`, "--auth", "LOGIN"],
    ...["--auth-user", SCANNER, "--auth-password", password],
    ...["--from", "root@scanner.local", "--to", "anna@example.com"],
  ]);
  return output;
}

/** Opens the administration by a link of the command line. */
async function openAdministration(tab: Tab): Promise<string> {
  const { url } = await bed.json("admin", "link");
  await tab.open(url);
  await tab.page.getByRole("button", { name: "Open the administration" }).click();
  await tab.page.waitForURL("**/admin/organisation");
  return url;
}

async function addMailboxes({ page }: Tab): Promise<void> {
  await page.getByText("There are none yet.").waitFor();
  const file = { name: "mailboxes.csv", mimeType: "text/csv", buffer: Buffer.from(CSV) };
  await page.getByLabel("Read a CSV file").setInputFiles(file);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("status").filter({ hasText: "2 mailboxes are added." }).waitFor();
  assert.match(await page.locator("table").innerText(), /Alarm; system[^]*Scanners/);
}

/** Checks all mailboxes by a message of each: the right on one of them is missing. */
async function checkAll(tab: Tab): Promise<void> {
  const { page } = tab;
  await page.getByLabel("Also send a message from each mailbox to itself").check();
  await page.getByRole("button", { name: "Check that all can send" }).click();
  await page.getByRole("status").filter({ hasText: "1 of 2 can send." }).waitFor();
  assert.match(
    await page.locator("section", { hasText: `${ALARM}: it cannot send yet` }).innerText(),
    /Add-MailboxPermission -Identity 'alarm@contoso\.example'/,
  );
  await tab.inspect();
  await page.getByRole("link", { name: "Organisation" }).first().click();
}

/** Changes the rules of a device that is in use. */
async function limitRecipients(tab: Tab, name: string): Promise<void> {
  const { page } = tab;
  const device = page.locator(".cards li").filter({ has: page.getByText(name, { exact: true }) });
  await device.getByRole("link", { name: "Rules" }).click();
  await tab.inspect();
  await page.getByLabel("Recipients it may write to").fill("contoso.example");
  await page.getByRole("button", { name: "Save the rules" }).click();
  await page.getByRole("status").filter({ hasText: `The new rules of “${name}”` }).waitFor();
}

/** Makes an invitation, looks at its page, and revokes it. */
async function invite(tab: Tab): Promise<void> {
  const { page } = tab;
  await tab.open("/admin/organisation");
  await page.getByLabel("Name of the invitation").fill("Anna");
  await page.getByRole("button", { name: "Make an invitation" }).click();
  const link = await page.locator("#invitation-link").innerText();
  await tab.inspect();
  await tab.open(link);
  await page.getByRole("link", { name: "Sign in with Microsoft" }).waitFor();
  await tab.open("/admin/organisation");
  await page.locator("li", { hasText: "Anna" }).getByRole("link", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Revoke the invitation" }).click();
  await page.getByRole("status").filter({ hasText: "does not work any more" }).waitFor();
  await tab.open(link);
  tab.forgive(410);
  await page.getByRole("heading", { name: "This invitation does not work any more" }).waitFor();
  await tab.inspect();
}

/** Adds forty devices. @returns their passwords. */
async function addDevices({ page }: Tab): Promise<string[]> {
  await page.getByLabel("One device per line").fill(DEVICES.join("\n"));
  await page.getByRole("button", { name: "Create and show the sheets" }).click();
  await page.getByRole("heading", { name: "40 new devices" }).waitFor();
  assert.deepEqual(await page.locator(".sheet h2").allInnerTexts(), DEVICES);
  return await page.locator(".sheet-password").allInnerTexts();
}

async function pagesOfPdf({ page }: Tab): Promise<number> {
  const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
  return pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}

Deno.test({
  name: "from a one-time link to forty devices that send, and to the end of one",
  ...options,
  async fn() {
    await using tab = await Tab.open(browser, bed.url);
    const { page } = tab;
    const url = await openAdministration(tab);
    await tab.inspect();
    await addMailboxes(tab);
    await tab.inspect();
    await checkAll(tab);

    await page.getByRole("link", { name: SCANNER }).click();
    await page.getByRole("button", { name: "Check that it can send" }).click();
    await page.getByRole("heading", { name: "It can send" }).waitFor();
    await tab.inspect();
    const passwords = await addDevices(tab);
    assert.equal(new Set(passwords).size, DEVICES.length);
    assert.equal(await pagesOfPdf(tab), DEVICES.length, "each device has a page of its own");
    await tab.inspect();

    assert.match(await send(passwords[6]!), /250 2\.0\.0 Queued/);
    const { mailbox, content } = bed.simulation.submissionServer.store.last;
    assert.equal(mailbox, SCANNER);
    assert.match(new TextDecoder().decode(content), /^From: <?scanner@contoso\.example>?\r$/m);

    await page.getByRole("link", { name: "I have them: back to the mailbox" }).click();
    await page.getByRole("link", { name: "Last deliveries" }).click();
    assert.match(await page.locator(".delivery").innerText(), /Accepted/);
    await page.goBack();
    const device = page.locator(".cards li").filter({
      has: page.getByText("Scanner 7", { exact: true }),
    });
    assert.match(await device.innerText(), /Last used .*Always sends as the mailbox/s);

    await device.getByRole("link", { name: "Revoke" }).click();
    await page.getByRole("button", { name: "Revoke “Scanner 7”" }).click();
    await page.getByRole("status").filter({ hasText: "“Scanner 7” is revoked." }).waitFor();
    await bed.server.logs(/app password revoked/);
    assert.match(await send(passwords[6]!), /535 5\.7\.8/);
    assert.match(await send(passwords[7]!), /250 2\.0\.0 Queued/);

    await limitRecipients(tab, "Scanner 8");
    assert.match(await send(passwords[7]!), /550 5\.7\.1/);
    await invite(tab);

    await tab.open("/admin/audit");
    const trail = await page.locator("table").innerText();
    assert.match(
      trail,
      /revoked an app password\s+“Scanner 7” of scanner@contoso/,
    );
    await tab.inspect();
    await tab.open("/admin/organisation/setup");
    assert.match(await page.locator("#exchange-lines").innerText(), /Add-MailboxPermission/);
    await tab.inspect();
    await tab.open("/invite");
    await tab.inspect();
    await tab.open("/account");
    assert.match(page.url(), /\/\?next=/, "the link opens no account");

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("status").filter({ hasText: "You have left the administration." })
      .waitFor();
    await tab.open("/admin/organisation");
    assert.match(page.url(), /\/\?next=/);
    await tab.open(url);
    await page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
    await tab.inspect();
  },
});

Deno.test({
  name: "a list of devices that makes no sense is refused in its place, and creates nothing",
  ...options,
  async fn() {
    await using tab = await Tab.open(browser, bed.url, { javaScriptEnabled: false });
    const { page } = tab;
    await bed.json("mailbox", "add", ALARM);
    await openAdministration(tab);
    await page.getByRole("link", { name: ALARM }).click();
    await page.getByLabel("One device per line").fill("Alarm 1\nalarm 1");
    await page.getByRole("button", { name: "Create and show the sheets" }).click();
    tab.forgive(400);
    await page.getByRole("link", { name: "Two devices have the name" }).click();
    assert.equal(await page.locator("textarea").inputValue(), "Alarm 1\nalarm 1");
    assert.equal(await page.locator(".cards li").count(), 0);
    await page.getByLabel("One device per line").fill("Old alarm, 192.168.1.40");
    await page.getByRole("button", { name: "Create and show the sheets" }).click();
    tab.forgive(400);
    await page.getByText("SMTP_LOGIN_BY_ADDRESS names no networks").first().waitFor();
  },
});
