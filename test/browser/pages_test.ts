/**
 * Rules that every page keeps: accessible in light and dark, no wider than a small phone, light in scripts, clean in the
 * browser's console.
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { Testbed } from "../testbed.ts";
import { launchChromium, requireChromium, Tab } from "./chromium.ts";
import { type PagePlace, PRIVATE_PAGES, PUBLIC_PAGES, SETTINGS, usedForAWhile } from "./pages.ts";

const options = requireChromium();
const SCRIPT_LIMIT_OCTETS = 15_000;

let bed: Testbed;
let browser: Browser;
let visitor: Tab;
/** Somebody who has used the product for a while. */
let owner: Tab;

Deno.test.beforeAll(async () => {
  if (options.ignore) return;
  bed = await Testbed.serving(SETTINGS);
  browser = await launchChromium();
  visitor = await Tab.open(browser, bed.url);
  owner = await Tab.open(browser, bed.url);
  await usedForAWhile(bed, owner);
});
Deno.test.afterAll(async () => {
  if (options.ignore) return;
  await browser.close();
  await bed[Symbol.asyncDispose]();
});

function testPages(who: string, places: readonly PagePlace[], tabOf: () => Tab): void {
  Deno.test({
    name: `every page that ${who} sees is accessible and clean`,
    ...options,
    async fn(test) {
      for (const { name, path } of places) {
        await test.step({
          name,
          ...options,
          async fn() {
            const tab = tabOf();
            for (const width of [1280, 360]) {
              await tab.page.setViewportSize({ width, height: 800 });
              await tab.open(path);
              await tab.assertSteady();
            }
            await tab.inspect();
          },
        });
      }
    },
  });
}

testPages("a visitor", PUBLIC_PAGES, () => visitor);
testPages("an owner", PRIVATE_PAGES, () => owner);

Deno.test({
  name: "pages that answer a form, and parts that open, are accessible and clean",
  ...options,
  async fn() {
    await owner.createAppPassword("Camera");
    await owner.inspect();
    await owner.open("/account");
    await owner.page.evaluate(() =>
      document.querySelectorAll("details").forEach((one) => one.open = true)
    );
    await owner.inspect();
    await owner.page.getByRole("button", { name: "Send a test mail" }).click();
    await owner.page.getByText("Microsoft has accepted the message").waitFor();
    await owner.inspect();
    await owner.open("/admin/accounts");
    await owner.page.locator("tbody a").first().click();
    await owner.page.getByRole("heading", { name: "Last deliveries" }).waitFor();
    await owner.inspect();
  },
});

Deno.test({
  name: "a page's scripts weigh less than 15 kB, compressed, and only its own site serves them",
  ...options,
  async fn() {
    const storageState = await owner.page.context().storageState();
    for (const path of ["/account", "/account/passwords", "/activity", "/guides/msmtp", "/admin"]) {
      await using tab = await Tab.open(browser, bed.url, { storageState });
      const scripts: Promise<Uint8Array>[] = [];
      tab.page.on("response", (response) => {
        const type = response.headers()["content-type"] ?? "";
        if (type.startsWith("text/javascript")) scripts.push(response.body());
      });
      if (path === "/account/passwords") {
        await tab.createAppPassword("Light");
        scripts.length = 0;
        await tab.page.context().newCDPSession(tab.page)
          .then((session) => session.send("Network.clearBrowserCache"));
        await tab.page.reload();
      } else await tab.open(path);
      await tab.awake();
      const sizes = (await Promise.all(scripts)).map((script) => gzipSync(script).length);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      assert.ok(total < SCRIPT_LIMIT_OCTETS, `${path}: ${sizes} are ${total}`);
      assert.equal(total > 0, path !== "/admin", path);
      tab.assertClean();
    }
  },
});

Deno.test({
  name: "a chart shows the values of a bar when it has the focus",
  ...options,
  async fn() {
    await owner.open("/activity");
    const bar = owner.page.locator(".bars li[tabindex]").last();
    const value = bar.locator(".value");
    assert.equal(await value.isVisible(), false);
    await bar.focus();
    assert.ok(await value.isVisible());
    assert.match(await value.innerText(), /\d+ accepted, \d+ not accepted/);
  },
});

Deno.test({
  name: "on a phone the header is one row, and its menu leads everywhere by keyboard",
  ...options,
  async fn() {
    const { page } = owner;
    await page.setViewportSize({ width: 360, height: 740 });
    await owner.open("/account");
    assert.ok((await page.locator(".site-header").boundingBox())!.height < 72);
    const summary = page.getByText("Menu", { exact: true });
    await summary.focus();
    await page.keyboard.press("Enter");
    await owner.inspect();
    await page.setViewportSize({ width: 360, height: 740 });
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/guides");
  },
});

Deno.test({
  name: "the settings print without navigation, buttons and forms",
  ...options,
  async fn() {
    const { page } = owner;
    await owner.open("/account");
    await page.emulateMedia({ media: "print" });
    try {
      assert.ok(await page.locator("#smtp-host").isVisible());
      for (const part of [".site-header", "button", "form"]) {
        for (const one of await page.locator(part).all()) assert.ok(!await one.isVisible(), part);
      }
    } finally {
      await page.emulateMedia({ media: null });
    }
  },
});
