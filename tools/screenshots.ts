/**
 * Takes pictures of the pages. Needs Debian's Chromium.
 *
 *     deno task screenshots                       those that the documents show
 *     deno task screenshots DIRECTORY [NAME …]    all pages in all states, or some of them, to look at
 *
 * @module
 */
import { join } from "node:path";
import type { Browser, Page, ViewportSize } from "playwright-core";
import { launchChromium, Tab } from "../test/browser/chromium.ts";
import {
  ACTED_PAGES,
  OTHER_GUIDES,
  type PagePlace,
  PRIVATE_PAGES,
  PUBLIC_PAGES,
  SETTINGS,
  simulatedPages,
  usedForAWhile,
} from "../test/browser/pages.ts";
import { Stage, STATES } from "../test/browser/states.ts";
import { Testbed } from "../test/testbed.ts";

const DOCUMENTS = "docs";
const IMAGES = `${DOCUMENTS}/images`;
/** The greatest height of a picture, in pixels. */
const MAX_HEIGHT = 1600;

interface Look {
  readonly colorScheme: "light" | "dark";
  readonly viewport: ViewportSize;
}

/** The colour schemes and sizes in which pages are shown. */
const LOOKS: Readonly<Record<string, Look>> = {
  light: { colorScheme: "light", viewport: { width: 960, height: 640 } },
  dark: { colorScheme: "dark", viewport: { width: 960, height: 640 } },
  wide: { colorScheme: "light", viewport: { width: 1600, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 360, height: 740 } },
  phone_dark: { colorScheme: "dark", viewport: { width: 360, height: 740 } },
};

/** Takes pictures into a directory. */
class Camera {
  readonly #directory: string;
  readonly #isWanted: (name: string, look: string) => boolean;

  constructor(directory: string, isWanted: (name: string, look: string) => boolean) {
    this.#directory = directory;
    this.#isWanted = isWanted;
  }

  /** Opens pages, and takes each in all looks. */
  async takeAll(tab: Tab, places: readonly PagePlace[]): Promise<void> {
    for (const { name, path, prepare } of places) {
      if (!this.wants(name)) continue;
      await tab.page.setViewportSize(LOOKS.light!.viewport);
      await tab.open(path);
      await tab.awake();
      await prepare?.(tab);
      await this.take(tab, name);
    }
  }

  /** Takes the page that is open in all looks. */
  async take(tab: Tab, name: string): Promise<void> {
    await tab.awake();
    for (const look of this.#looksOf(name)) {
      const { colorScheme, viewport } = LOOKS[look]!;
      await tab.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await tab.page.setViewportSize(viewport);
      const path = join(this.#directory, fileName(name, look));
      await tab.page.screenshot({ path, fullPage: true, clip: await clipOf(tab.page) });
      console.log(path);
    }
  }

  /** Whether a picture of a page is wanted in any look. */
  wants(name: string): boolean {
    return this.#looksOf(name).length > 0;
  }

  #looksOf(name: string): string[] {
    return Object.keys(LOOKS).filter((look) => this.#isWanted(name, look));
  }
}

function fileName(name: string, look: string): string {
  return `${name}_${look}.png`;
}

/** Returns the part of the page that a picture shows: all of it, from its top. */
async function clipOf(page: Page) {
  const { scrollWidth: width, scrollHeight } = await page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return { scrollWidth, scrollHeight };
  });
  return { x: 0, y: 0, width, height: Math.min(scrollHeight, MAX_HEIGHT) };
}

/** Returns the pictures that the documents show. */
async function documentedPictures(): Promise<Set<string>> {
  const names = new Set<string>();
  const folders = [".", DOCUMENTS];
  for (const folder of folders) {
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.endsWith(".md")) continue;
      const text = await Deno.readTextFile(join(folder, name));
      for (const [, picture] of text.matchAll(/images\/([\w-]+\.png)/g)) names.add(picture!);
    }
  }
  return names;
}

async function takePages(browser: Browser, camera: Camera): Promise<void> {
  await using bed = await Testbed.serving(SETTINGS);
  await using owner = await Tab.open(browser, bed.url);
  await usedForAWhile(bed, owner);
  await using colleague = await Tab.open(browser, bed.url);
  await colleague.signIn("amara@fabrikam.example");
  await using visitor = await Tab.open(browser, bed.url);
  await camera.takeAll(visitor, PUBLIC_PAGES);
  await camera.takeAll(owner, PRIVATE_PAGES);
  await camera.takeAll(owner, OTHER_GUIDES);
  await camera.takeAll(owner, ACTED_PAGES);
  for (const { site, places } of simulatedPages(bed)) {
    await using tab = await Tab.open(browser, site);
    await camera.takeAll(tab, places);
  }
}

/** Returns the camera for the pictures that the command asks for. */
async function cameraFor([directory, ...names]: readonly string[]): Promise<Camera> {
  await Deno.mkdir(directory ?? IMAGES, { recursive: true });
  if (directory) {
    return new Camera(directory, (name) => names.length === 0 || names.includes(name));
  }
  const documented = await documentedPictures();
  return new Camera(IMAGES, (name, look) => documented.has(fileName(name, look)));
}

const camera = await cameraFor(Deno.args);
const browser = await launchChromium();
try {
  await takePages(browser, camera);
  await using stage = await Stage.open(browser);
  for (const state of STATES.filter(({ name }) => camera.wants(`state_${name}`))) {
    await camera.take(await stage.show(state), `state_${state.name}`);
  }
} finally {
  await browser.close();
}
