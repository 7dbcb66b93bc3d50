/**
 * Takes pictures of the pages for the documents: `deno task screenshots`. Needs Debian's Chromium.
 *
 * @module
 */
import { type Browser, type BrowserContextOptions, devices, type Page } from "playwright-core";
import { launchChromium, Tab } from "../test/browser/chromium.ts";
import { type PagePlace, SETTINGS, usedForAWhile } from "../test/browser/pages.ts";
import { Testbed } from "../test/testbed.ts";

const DIRECTORY = "docs/images";
/** In pixels; what comes below tells nothing new. */
const MAX_HEIGHT = 1600;

/** How a page is looked at. */
const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: "light", viewport: { width: 960, height: 640 } },
  dark: { colorScheme: "dark", viewport: { width: 960, height: 640 } },
  phone: { ...devices["iPhone SE"], deviceScaleFactor: 1, colorScheme: "light" },
};

/** A page and the state in which its picture is taken. */
interface Picture extends PagePlace {
  /** Steps on the page before the picture is taken. */
  readonly prepare?: (tab: Tab) => Promise<void>;
  /** A part of the page; absent: all of it, from its top. */
  readonly part?: string;
}

/** Pages for visitors. */
const PUBLIC: readonly Picture[] = [
  { name: "home", path: "/" },
  { name: "not_found", path: "/nothing-here" },
];

/** Pages for the owner of an account, who is also the operator. */
const PRIVATE: readonly Picture[] = [
  { name: "account", path: "/account" },
  { name: "guides", path: "/guides" },
  { name: "guide_printer", path: "/guides/printer" },
  { name: "guide_postfix", path: "/guides/postfix" },
  { name: "activity", path: "/activity" },
  { name: "admin", path: "/admin" },
  { name: "admin_accounts", path: "/admin/accounts" },
];

/** Pictures that leave traces on other pages. */
const ACTING: readonly Picture[] = [
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

/** Takes the pictures of all pictures in all looks. @param storageState Of who is signed in. */
async function takeAll(
  browser: Browser,
  { url }: Testbed,
  pictures: readonly Picture[],
  storageState?: State,
): Promise<void> {
  for (const [look, options] of Object.entries(LOOKS)) {
    const settled = { locale: "en-GB", reducedMotion: "reduce", storageState } as const;
    await using tab = await Tab.open(browser, url, { ...options, ...settled });
    for (const picture of pictures) {
      await tab.open(picture.path);
      await picture.prepare?.(tab);
      const path = `${DIRECTORY}/${picture.name}_${look}.png`;
      await take(tab.page, picture, path);
      console.log(path);
    }
  }
}

async function take(page: Page, { part }: Picture, path: string): Promise<void> {
  if (part) return void await page.locator(part).screenshot({ path });
  const { scrollWidth: width, scrollHeight } = await page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return { scrollWidth, scrollHeight };
  });
  const clip = { x: 0, y: 0, width, height: Math.min(scrollHeight, MAX_HEIGHT) };
  await page.screenshot({ path, fullPage: true, clip });
}

await Deno.mkdir(DIRECTORY, { recursive: true });
await using bed = await Testbed.serving(SETTINGS);
const browser = await launchChromium();
try {
  await using owner = await Tab.open(browser, bed.url);
  await usedForAWhile(bed, owner);
  await using colleague = await Tab.open(browser, bed.url);
  await colleague.signIn("amara@fabrikam.example");
  const state = await owner.page.context().storageState();
  await takeAll(browser, bed, PUBLIC);
  await takeAll(browser, bed, PRIVATE, state);
  await takeAll(browser, bed, ACTING, state);
} finally {
  await browser.close();
}
