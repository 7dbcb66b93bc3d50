/**
 * Takes pictures of the pages for the documents: `deno task screenshots`. Needs Debian's Chromium.
 *
 * @module
 */
import { type Browser, type BrowserContextOptions, devices, type Page } from "playwright-core";
import { launchChromium, Tab } from "../test/browser/chromium.ts";
import { type PagePlace, SETTINGS, usedForAWhile } from "../test/browser/pages.ts";
import { Product } from "../test/harness.ts";

const DIRECTORY = "docs/images";
/** In pixels; what comes below tells nothing new. */
const MAX_HEIGHT = 1600;

/** How a page is looked at. */
const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: "light", viewport: { width: 960, height: 640 } },
  dark: { colorScheme: "dark", viewport: { width: 960, height: 640 } },
  phone: { ...devices["iPhone SE"], deviceScaleFactor: 1, colorScheme: "light" },
};

/** What is shown. */
interface Scene extends PagePlace {
  /** What to do on the page first. */
  readonly prepare?: (tab: Tab) => Promise<void>;
  /** A part of the page; absent: all of it, from its top. */
  readonly part?: string;
}

/** What a visitor sees. */
const PUBLIC: readonly Scene[] = [
  { name: "home", path: "/" },
  { name: "not_found", path: "/nothing-here" },
];

/** What the owner of an account sees, who is also the operator. */
const PRIVATE: readonly Scene[] = [
  { name: "account", path: "/account" },
  { name: "guides", path: "/guides" },
  { name: "guide_printer", path: "/guides/printer" },
  { name: "guide_postfix", path: "/guides/postfix" },
  { name: "activity", path: "/activity" },
  { name: "admin", path: "/admin" },
  { name: "admin_accounts", path: "/admin/accounts" },
];

/** What leaves traces on other pages. */
const ACTING: readonly Scene[] = [
  {
    name: "new_password",
    path: "/account",
    prepare: async (tab) => void await tab.createAppPassword("Label printer"),
  },
  {
    name: "test_mail",
    path: "/account",
    async prepare({ page }) {
      await page.getByRole("button", { name: "Send a test mail" }).click();
      await page.getByText("Microsoft has accepted the message").waitFor();
    },
    part: "section:has(#test-mail)",
  },
];

type State = Awaited<ReturnType<ReturnType<Page["context"]>["storageState"]>>;

/** Takes the pictures of all scenes in all looks. @param storageState Of who is signed in. */
async function takeAll(
  browser: Browser,
  { url }: Product,
  scenes: readonly Scene[],
  storageState?: State,
): Promise<void> {
  for (const [look, options] of Object.entries(LOOKS)) {
    const settled = { locale: "en-GB", reducedMotion: "reduce", storageState } as const;
    await using tab = await Tab.open(browser, url, { ...options, ...settled });
    for (const scene of scenes) {
      await tab.open(scene.path);
      await scene.prepare?.(tab);
      const path = `${DIRECTORY}/${scene.name}_${look}.png`;
      await take(tab.page, scene, path);
      console.log(path);
    }
  }
}

async function take(page: Page, { part }: Scene, path: string): Promise<void> {
  if (part) return void await page.locator(part).screenshot({ path });
  const { scrollWidth: width, scrollHeight } = await page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return { scrollWidth, scrollHeight };
  });
  const clip = { x: 0, y: 0, width, height: Math.min(scrollHeight, MAX_HEIGHT) };
  await page.screenshot({ path, fullPage: true, clip });
}

await Deno.mkdir(DIRECTORY, { recursive: true });
await using product = await Product.start(SETTINGS);
const browser = await launchChromium();
try {
  await using owner = await Tab.open(browser, product.url);
  await usedForAWhile(product, owner);
  await using colleague = await Tab.open(browser, product.url);
  await colleague.signIn("amara@fabrikam.example");
  const state = await owner.page.context().storageState();
  await takeAll(browser, product, PUBLIC);
  await takeAll(browser, product, PRIVATE, state);
  await takeAll(browser, product, ACTING, state);
} finally {
  await browser.close();
}
