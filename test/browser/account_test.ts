/**
 * The moments that matter on the account pages: a new app password, a mistake in a form, the result of an action, a question
 * before something is lost.
 */
import assert from "node:assert/strict";
import type { Browser, Dialog, Page } from "playwright-core";
import { NORA, Testbed } from "../testbed.ts";
import { launchChromium, requireChromium, Tab } from "./chromium.ts";

const options = requireChromium();

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

function test(name: string, fn: (tab: Tab) => Promise<void>): void {
  Deno.test({
    name,
    ...options,
    async fn() {
      await using tab = await Tab.open(browser, bed.url);
      await tab.signIn(NORA);
      await tab.page.waitForURL("**/account");
      await fn(tab);
      tab.assertClean();
    },
  });
}

const passwordOn = (page: Page) => page.locator("#app-password").innerText();

test("a new app password stays itself through reload, Back and Forward, and is never sent again", async (tab) => {
  const { page } = tab;
  const password = await tab.createAppPassword("Scanner");
  const sent: string[] = [];
  page.on("request", (request) => sent.push(request.url(), request.postData() ?? ""));
  await tab.assertSteady();
  await page.reload();
  assert.equal(await passwordOn(page), password);
  await page.goBack();
  await page.getByRole("heading", { name: "Your account" }).waitFor();
  await page.goForward();
  assert.equal(await passwordOn(page), password);
  const address = page.url();
  await page.getByLabel("Device or program").selectOption("msmtp");
  const code = page.locator("#step-1-code");
  await code.waitFor();
  assert.match(await code.innerText(), new RegExp(`password +${password}`));
  assert.equal(page.url(), address);
  assert.ok(sent.length > 4 && !sent.some((text) => text.includes(password)));
  await tab.inspect();
});

test("all settings of a new app password are copied together, and “saved” leads back", async (tab) => {
  const { page } = tab;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const password = await tab.createAppPassword("Camera");
  await page.getByRole("button", { name: "Copy all settings" }).click();
  await page.getByText("Copied", { exact: true }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(
    copied,
    new RegExp(`Server: .*Port: .*User name: ${NORA}\nPassword: ${password}$`, "s"),
  );
  await page.getByRole("button", { name: "I have saved it" }).click();
  await page.getByText("“Camera” is ready to use.").first().waitFor();
  await page.goBack();
  await page.getByText("shown only after it was created").waitFor();
});

test("the browser asks before a new app password is left behind, until it was copied", async (tab) => {
  const { page } = tab;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await tab.createAppPassword("Forgotten");
  await tab.awake();
  const asked: string[] = [];
  page.on("dialog", (dialog: Dialog) => {
    asked.push(dialog.type());
    return dialog.dismiss();
  });
  // Browsers ask only whom they have seen doing something on the page.
  await page.locator("h1").click();
  await page.getByRole("link", { name: "Guides" }).click({ noWaitAfter: true });
  await page.waitForFunction(() => true);
  assert.deepEqual(asked, ["beforeunload"]);
  await page.getByRole("button", { name: "Copy app password" }).click();
  await page.getByText("Copied", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Guides" }).click();
  await page.waitForURL("**/guides");
  assert.deepEqual(asked, ["beforeunload"]);
});

test("the sheet of a new app password prints its settings and nothing to click", async (tab) => {
  const { page } = tab;
  await tab.createAppPassword("Paper");
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator("#app-password").isVisible());
  assert.ok(await page.locator("#smtp-username").isVisible());
  for (const part of [".site-header", "button", "select"]) {
    for (const one of await page.locator(part).all()) assert.ok(!await one.isVisible(), part);
  }
});

test("a mistake in a form is told at the top, with the focus and a link to the field", async (tab) => {
  const { page } = tab;
  const mistakes = [
    ["Name of the device or program", " ", "Create an app password", /a name of 1 to 64/],
    ["Short SMTP user name (optional)", "a b", "Save", /A short name has 2 to 32/],
  ] as const;
  for (const [label, value, button, text] of mistakes) {
    await tab.open("/account");
    await page.getByLabel(label).fill(value);
    await page.getByRole("button", { name: button }).click();
    const summary = page.getByRole("alert");
    await summary.waitFor();
    tab.forgive(400);
    assert.match(await summary.innerText(), text);
    assert.ok(await summary.evaluate((element) => element === document.activeElement));
    await tab.inspect();
    await summary.getByRole("link").click();
    const field = page.getByLabel(label);
    assert.ok(await field.evaluate((element) => element === document.activeElement));
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.equal(await field.inputValue(), value);
  }
});

test("the result of an action is announced on the next page, and gone on the one after it", async (tab) => {
  const { page } = tab;
  await tab.createAppPassword("Old name");
  await tab.open("/account");
  await tab.awake();
  await page.getByRole("link", { name: "Rename" }).first().click();
  await page.getByRole("dialog").getByLabel("New name").fill("New name");
  await page.getByRole("button", { name: "Rename" }).click();
  const status = page.getByRole("status").filter({ hasText: "is now called “New name”" });
  await status.waitFor();
  await tab.inspect();
  await page.reload();
  assert.equal(await page.locator(".flash").count(), 0);
});

test("a question opens in a dialog, moves nothing, and can be cancelled", async (tab) => {
  const { page } = tab;
  await tab.createAppPassword("Kept");
  await tab.open("/account");
  await tab.awake();
  const revoke = page.getByRole("link", { name: "Revoke" }).first();
  await revoke.scrollIntoViewIfNeeded();
  const before = await revoke.boundingBox();
  await revoke.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("heading", { name: "Revoke “Kept”?" }).waitFor();
  assert.deepEqual(await revoke.boundingBox(), before);
  await tab.inspect();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await dialog.count(), 0);
  assert.ok(await revoke.evaluate((element) => element === document.activeElement));
  assert.ok(await page.getByText("Kept", { exact: true }).isVisible());
});

test("the account page has one primary action, to which the settings lead", async (tab) => {
  const { page } = tab;
  const shown = page.locator("main :is(button, a.button):not(.quiet, .danger):visible");
  assert.deepEqual(await shown.allInnerTexts(), ["Create an app password"]);
  await page.getByRole("link", { name: "Create an app password" }).click();
  const field = page.getByLabel("Name of the device or program");
  assert.ok(await field.evaluate((element) => element === document.querySelector(":target")));
});

test("whose session has ended is sent to the sign-in, also by a test mail", async (tab) => {
  const { page } = tab;
  await tab.awake();
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Send a test mail" }).click();
  await page.getByText("Please sign in to see that page.").waitFor();
});

test("two clicks create one app password and send one test mail", async (tab) => {
  const { page } = tab;
  await tab.awake();
  await page.getByLabel("Name of the device or program").fill("Twice");
  await page.getByRole("button", { name: "Create an app password" }).dblclick();
  await page.locator("#app-password").waitFor();
  await tab.open("/account");
  await tab.awake();
  assert.equal(await page.getByText("Twice", { exact: true }).count(), 1);
  const { store } = bed.simulation.submissionServer;
  const before = store.received;
  await page.getByRole("button", { name: "Send a test mail" }).dblclick();
  await page.getByText("Microsoft has accepted the message").waitFor();
  assert.equal(store.received, before + 1);
});

test("a button of another tab that comes too late says what has happened", async (tab) => {
  const { page } = tab;
  await tab.createAppPassword("Gone");
  await tab.open("/account");
  await tab.awake();
  const other = await page.context().newPage();
  await other.goto("/account");
  await other.locator("li", { hasText: "Gone" }).getByRole("link", { name: "Revoke" }).click();
  await other.getByRole("button", { name: "Revoke" }).click();
  await other.getByText("“Gone” is revoked.").first().waitFor();
  await page.locator("li", { hasText: "Gone" }).getByRole("link", { name: "Rename" }).click();
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByText("There is no such app password. It may have been revoked.").waitFor();
  tab.forgive(404);
});

test("texts of twice their size fit, and forced colours show where one is", async (tab) => {
  const { page } = tab;
  for (const path of ["/account", "/activity", "/guides/gmail"]) {
    await tab.open(path);
    await page.evaluate(() => document.documentElement.style.fontSize = "200%");
    for (const width of [640, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(scrollWidth <= width, `${path}: ${scrollWidth} of ${width}`);
    }
  }
  await page.emulateMedia({ forcedColors: "active" });
  await tab.open("/account");
  const colours = await page.locator(".site-header > .places a").evaluateAll((links) =>
    links.map((link) => getComputedStyle(link).borderBottomColor)
  );
  assert.equal(new Set(colours).size, 2, `${colours}`);
});
