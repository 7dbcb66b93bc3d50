/**
 * Rules that every page keeps: accessible in light and dark, no wider than a small phone, light in scripts, clean in the
 * browser's console.
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { Testbed } from "../testbed.ts";
import { launchChromium, requireChromium, Tab } from "./chromium.ts";
import {
  ACTED_PAGES,
  OTHER_GUIDES,
  type PagePlace,
  PRIVATE_PAGES,
  PUBLIC_PAGES,
  SETTINGS,
  simulatedPages,
  usedForAWhile,
} from "./pages.ts";

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

/** Tabs that look at pages at the same time. */
const TABS = 2;
const CONCURRENT = { ...options, sanitizeExit: false };

/** Opens each page once for each width at which it might move while it loads, and inspects it in all looks. */
async function look(tab: Tab, { path, lands, prepare }: PagePlace): Promise<void> {
  for (const width of [1280, 360]) {
    await tab.page.setViewportSize({ width, height: 800 });
    await tab.open(path);
    await tab.assertSteady();
  }
  await prepare?.(tab);
  if (lands) tab.assertAt(lands);
  await tab.inspect();
}

function testPages(who: string, places: readonly PagePlace[], tabOf: () => Tab): void {
  Deno.test({
    name: `every page that ${who} sees is accessible and clean`,
    ...options,
    async fn(test) {
      const storageState = await tabOf().page.context().storageState();
      const waiting = [...places];
      const work = async () => {
        await using tab = await Tab.open(browser, bed.url, { storageState });
        for (let place = waiting.shift(); place; place = waiting.shift()) {
          const { name } = place;
          await test.step({ name, ...CONCURRENT, fn: () => look(tab, place!) });
        }
      };
      await Promise.all(Array.from({ length: TABS }, work));
    },
  });
}

testPages("a visitor", PUBLIC_PAGES, () => visitor);
testPages("an owner", PRIVATE_PAGES, () => owner);

Deno.test({
  name: "guides that look like those are accessible and clean",
  ...options,
  async fn() {
    for (const { path } of OTHER_GUIDES) {
      await owner.open(path);
      await owner.glance();
    }
  },
});

Deno.test({
  name: "pages that answer a form, and parts that open, are accessible and clean",
  ...options,
  async fn(test) {
    for (const { name, path, lands, prepare } of ACTED_PAGES) {
      await test.step({
        name,
        ...options,
        async fn() {
          await owner.open(path);
          await owner.awake();
          await prepare?.(owner);
          if (lands) owner.assertAt(lands);
          await owner.inspect();
        },
      });
    }
  },
});

Deno.test({
  name: "the pages of the simulated Microsoft are accessible and clean",
  ...options,
  async fn(test) {
    for (const { site, places } of simulatedPages(bed)) {
      await using tab = await Tab.open(browser, site);
      for (const place of places) {
        await test.step({ name: place.name, ...options, fn: () => look(tab, place) });
      }
    }
    bed.simulation.troubles.clear();
  },
});

Deno.test({
  name: "the list of simulated mail grows by itself, and keeps the focus",
  ...options,
  async fn() {
    const { webPages, submissionServer: { store } } = bed.simulation;
    await using tab = await Tab.open(browser, webPages.url);
    const { page } = tab;
    await tab.open("/");
    await page.getByText("Live: new ones appear by themselves").waitFor();
    const first = page.getByRole("link", { name: "Scan" });
    await first.focus();
    const { number: _, ...message } = store.last;
    const content = new TextEncoder().encode("Subject: A new one\r\n\r\nText\r\n");
    store.add({ ...message, content });
    await page.getByRole("link", { name: "A new one" }).waitFor();
    assert.match(await page.getByRole("status").innerText(), new RegExp(`^${store.received} `));
    assert.ok(await first.evaluate((element) => element === document.activeElement));
    tab.assertClean();
  },
});

Deno.test({
  name: "activity is filtered by device, day and outcome, and downloaded as it is shown",
  ...options,
  async fn() {
    const { page } = owner;
    await owner.open("/activity");
    await page.getByLabel("Device").selectOption({ label: "Website" });
    await page.getByLabel("Outcome").selectOption({ label: "Accepted" });
    await page.getByLabel("From (UTC)").fill(new Date().toISOString().slice(0, 10));
    await page.getByRole("button", { name: "Search" }).click();
    await page.waitForURL("**outcome=accepted**");
    assert.equal(await page.locator(".delivery.accepted").count(), 2);
    assert.equal(await page.locator(".delivery").count(), 2);
    const csv = await page.getByRole("link", { name: "Download as CSV" })
      .evaluate(async (link) => await (await fetch((link as HTMLAnchorElement).href)).text());
    assert.equal(csv.trim().split("\r\n").length, 1 + 2);
    await page.getByLabel("From (UTC)").fill("2099-01-01");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("Nothing matches this search.").waitFor();
  },
});

Deno.test({
  name: "admin tables are sorted by their heads, and are cards on phones",
  ...options,
  async fn() {
    const { page } = owner;
    await page.setViewportSize({ width: 1280, height: 800 });
    await owner.open("/admin/accounts");
    await page.getByRole("columnheader", { name: "Since" }).getByRole("link").click();
    await page.waitForURL("**order=created**");
    assert.equal(await page.locator('th[aria-sort="descending"]').innerText(), "Since");
    await page.setViewportSize({ width: 360, height: 740 });
    const cell = page.locator("td[data-label=State]").first();
    const [above, box] = [
      await page.locator("tbody th").first().boundingBox(),
      await cell.boundingBox(),
    ];
    assert.ok(box!.y >= above!.y + above!.height, "a row is a card");
    await page.getByLabel("Sorted by").selectOption({ label: "Mailbox" });
    await page.getByRole("button", { name: "Search" }).click();
    await page.waitForURL("**order=email**");
    await owner.open("/admin");
    await page.getByText("Anyone with a Microsoft account").waitFor();
    assert.equal(await page.getByText("All is well").count(), 0);
  },
});

Deno.test({
  name:
    "wide screens show a table of contents beside a guide and admin in two columns, phones one column",
  ...options,
  async fn() {
    const { page } = owner;
    const boxes = (...parts: string[]) =>
      Promise.all(parts.map(async (part) => (await page.locator(part).first().boundingBox())!));
    await page.setViewportSize({ width: 1280, height: 800 });
    await owner.open("/guides/wordpress");
    const [contents, heading] = await boxes(".contents .beside", "h1");
    assert.ok(contents!.x + contents!.width < heading!.x, "beside the text");
    await page.evaluate(() => scrollTo(0, 300));
    assert.ok((await boxes(".contents .beside"))[0]!.y >= 0, "it stays in sight");
    await owner.open("/admin");
    const [deliveries, health] = await boxes(
      "section:has(> #deliveries)",
      "section:has(> #health)",
    );
    assert.ok(deliveries!.x + deliveries!.width < health!.x, "two columns");
    await page.setViewportSize({ width: 360, height: 740 });
    await owner.open("/guides/wordpress");
    const other = page.locator(".contents").getByRole("link", { name: "GitLab" });
    assert.equal(await other.isVisible(), false, "folded");
    await page.getByText("Other guides").click();
    await other.click();
    await page.waitForURL("**/guides/gitlab");
  },
});

Deno.test({
  name: "a guide creates its app password in place, and goes on with the password in its lines",
  ...options,
  async fn() {
    const { page } = owner;
    for (const [slug, step] of [["python", 1], ["php", 1], ["postfix", 2]] as const) {
      await owner.open(`/guides/${slug}`);
      await page.getByRole("button", { name: "Create an app password" }).click();
      const password = await page.locator("#app-password").innerText();
      assert.match(await page.locator(`#step-${step}`).innerText(), new RegExp(password), slug);
    }
    const password = await page.locator("#app-password").innerText();
    for (const file of ["mail.mobileconfig", "config-v1.1.xml"]) {
      const text = await page.locator(`form[action$="${file}"]`).evaluate(async (form) => {
        const { action } = form as HTMLFormElement;
        return await (await fetch(action, { method: "POST" })).text();
      });
      assert.ok(text.includes(password), file);
    }
  },
});

Deno.test({
  name: "every page has its icons, its title begins with the page, and the operator can be reached",
  ...options,
  async fn() {
    const { page } = owner;
    await owner.open("/guides/gmail");
    assert.match(await page.title(), /^Gmail: Send mail as – Set-up guides – /);
    const icons = await page.locator("link[rel*=icon]").evaluateAll((links) =>
      Promise.all(links.map(async (link) => {
        const { href } = link as HTMLLinkElement;
        return `${(await fetch(href)).status} ${new URL(href).pathname}`;
      }))
    );
    assert.deepEqual(icons, ["200 /favicon.ico", "200 /favicon.svg", "200 /apple-touch-icon.png"]);
    const contact = page.locator("footer").getByRole("link", { name: "help@example.com" });
    assert.equal(await contact.getAttribute("href"), "mailto:help@example.com");
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
      assert.ok(total > 0, path);
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
    await owner.assertColours();
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
