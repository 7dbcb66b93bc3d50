/**
 * Debian's Chromium, driven by playwright-core, and what every page has to keep to.
 *
 * @module
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
// The minified one: each page has to read it anew.
// @ts-types="axe-core"
import axe from "axe-core/axe.min.js";
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { requireProgram } from "../programs.ts";

/** The shell without windows of its own costs a third. */
const PROGRAMS = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
const PROGRAM = PROGRAMS.find((program) => existsSync(program)) ?? PROGRAMS[0]!;

/** Nothing that would call home or wait for a screen. */
const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** Two slow cores run other tests beside this one. */
const TIMEOUT_MS = 20_000;

const WIDE = { width: 1280, height: 800 };
/** The smallest phones, and a desktop at 400 % (WCAG 2.2, success criterion 1.4.10). */
const NARROW = { width: 320, height: 640 };

/** The rules of axe about colours, which cost as much as all others. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** Rules of axe to check. */
type Rules = "all" | "colours" | "others";

/** The looks in which pages are checked. Light and dark differ in colours alone, wide and narrow in everything else. */
const LOOKS: readonly (readonly ["light" | "dark", typeof WIDE, Rules])[] = [
  ["light", WIDE, "all"],
  ["light", NARROW, "others"],
  ["dark", NARROW, "colours"],
  ["dark", WIDE, "colours"],
];

/** Phones, tablets, and screens of all sizes. */
const WIDTHS = [320, 360, 760, 1280, 2560];
const MIN_BUTTON_HEIGHT = 40;
/** More than any page has places for the focus. */
const MAX_TABS = 100;
/** Cumulative Layout Shift; Core Web Vitals call up to 0.1 good. */
const MAX_LAYOUT_SHIFT = 0.02;

/** Returns the options of a test that needs Chromium: it is skipped where Chromium is missing, except on a CI machine. */
export function requireChromium(): {
  ignore: boolean;
  sanitizeOps: false;
  sanitizeResources: false;
} {
  const { ignore } = requireProgram(PROGRAM);
  // One browser serves all tests of a file.
  return { ignore, sanitizeOps: false, sanitizeResources: false };
}

/** Starts Chromium with a new profile. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM, args: ARGUMENTS, timeout: TIMEOUT_MS });
}

/** A tab with a profile of its own, which notes whatever a page should not do. */
export class Tab implements AsyncDisposable {
  readonly #complaints: string[] = [];

  private constructor(readonly page: Page, site: string) {
    page.setDefaultTimeout(TIMEOUT_MS);
    page.on("console", (message) => {
      const isOurs = message.location().url.startsWith(site);
      const isBad = message.type() === "error" || message.type() === "warning";
      if (isOurs && isBad) this.#note(message.text());
    });
    page.on("pageerror", (error) => this.#note(String(error)));
    page.on("request", (request) => {
      const isOurs = request.frame().url().startsWith(site) && !request.isNavigationRequest();
      if (isOurs && !request.url().startsWith(site)) this.#note(`loads ${request.url()}`);
    });
  }

  /** @param site Address that the pages belong to. */
  static async open(
    browser: Browser,
    site: string,
    options: BrowserContextOptions = {},
  ): Promise<Tab> {
    const context = await browser.newContext({ baseURL: site, ...options });
    return new Tab(await context.newPage(), site);
  }

  /** Opens a page, whatever its status: Chromium notes each status of 400 and above as an error. */
  async open(path: string): Promise<void> {
    const response = await this.page.goto(path);
    const status = response?.status() ?? 0;
    if (status >= 400) this.forgive(status);
  }

  /** Expects one page with this status. */
  forgive(status: number): void {
    const text = `the server responded with a status of ${status}`;
    const index = this.#complaints.findIndex((complaint) => complaint.includes(text));
    if (index >= 0) this.#complaints.splice(index, 1);
  }

  /** Signs in at the simulated Microsoft, from the start page. */
  async signIn(address: string): Promise<void> {
    await this.open("/");
    await this.page.getByRole("link", { name: "Sign in with Microsoft" }).click();
    await this.page.locator(`button[value="${address}"]`).click();
  }

  /** Makes an app password on the account page. */
  async createAppPassword(name: string): Promise<string> {
    await this.open("/account");
    await this.page.getByLabel("Name of the device or program").fill(name);
    await this.page.getByRole("button", { name: "Create an app password" }).click();
    return await this.page.locator("#app-password").innerText();
  }

  /** Sends a form as a browser without scripts does. */
  async sendForm(selector: string): Promise<void> {
    const answered = this.page.waitForNavigation();
    await this.page.locator(selector).first().evaluate((form) =>
      (form as HTMLFormElement).submit()
    );
    await answered;
  }

  /** Asserts that the page belongs to a route. @param route As in a `URLPattern`. */
  assertAt(route: string): void {
    const url = this.page.url();
    assert.ok(new URLPattern({ pathname: route }).test(url), `${url} is not ${route}`);
  }

  /** Waits until the islands of the page are awake. */
  async awake(): Promise<void> {
    await this.page.waitForFunction(() =>
      document.readyState === "complete" && document.querySelector("button.waiting") === null
    );
  }

  /** Moves the focus by the keyboard alone, and asserts that it is always in sight. @param key Tab or Shift+Tab */
  async tabTo(target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
    for (let count = 0; count < MAX_TABS; count++) {
      await this.page.keyboard.press(key);
      const lost = await this.page.evaluate(hiddenFocus);
      assert.equal(lost, undefined, this.page.url());
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    assert.fail(`${this.page.url()}: the keyboard does not come to ${target}`);
  }

  /** Asserts that nothing has moved since the page began to load (Cumulative Layout Shift). */
  async assertSteady(): Promise<void> {
    await this.awake();
    const shift = await this.page.evaluate(() =>
      new Promise<number>((resolve) => {
        let sum = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            sum += (entry as unknown as { value: number }).value;
          }
        });
        observer.observe({ type: "layout-shift", buffered: true });
        // What is buffered arrives with the next frames.
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(sum))));
      })
    );
    assert.ok(shift <= MAX_LAYOUT_SHIFT, `${this.page.url()} moves by ${shift}`);
  }

  /** Asserts that the page is in order in light and dark, wide and narrow. */
  async inspect(): Promise<void> {
    const { page } = this;
    await this.awake();
    for (const [colorScheme, viewport, rules] of LOOKS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await this.#assertAccessible(rules);
    }
    for (const width of WIDTHS) await this.#assertFits(width);
    await page.setViewportSize(WIDE);
    this.assertClean();
  }

  /** Asserts that a page is in order in one look, and fits all screens: for pages in the colours of others. */
  async glance(): Promise<void> {
    await this.awake();
    await this.#assertAccessible("others");
    for (const width of WIDTHS) await this.#assertFits(width);
    await this.page.setViewportSize(WIDE);
    this.assertClean();
  }

  /** Asserts that nothing has to be scrolled sideways, and that buttons are high enough for a finger. */
  async #assertFits(width: number): Promise<void> {
    const { page } = this;
    await page.setViewportSize({ width, height: NARROW.height });
    const { scrollWidth, low } = await page.evaluate((least) => {
      const buttons = [...document.querySelectorAll<HTMLElement>("button, .button, select")];
      return {
        scrollWidth: document.documentElement.scrollWidth,
        low: buttons.filter(({ offsetHeight }) => offsetHeight > 0 && offsetHeight < least)
          .map(({ outerHTML, offsetHeight }) => `${offsetHeight} px: ${outerHTML}`),
      };
    }, MIN_BUTTON_HEIGHT);
    assert.ok(scrollWidth <= width, `${page.url()} is ${scrollWidth} pixels wide on ${width}`);
    assert.deepEqual(low, [], page.url());
  }

  /** Asserts that the colours of the page are accessible as it is now. */
  assertColours(): Promise<void> {
    return this.#assertAccessible("colours");
  }

  /** Asserts that the page is accessible, as far as a program can tell. */
  async #assertAccessible(rules: Rules): Promise<void> {
    const { page } = this;
    const isLoaded = await page.evaluate(() => "axe" in globalThis);
    if (!isLoaded) await page.evaluate(axe.source);
    const found = await page.evaluate(async ([rules, colours]) => {
      // Colours on their way from light to dark are nobody's.
      for (const one of document.getAnimations()) {
        if (one instanceof CSSTransition) one.finish();
      }
      const { axe: checker } = globalThis as unknown as { axe: typeof axe };
      const { violations } = await checker.run(document, {
        resultTypes: ["violations"],
        // No rule that is checked needs the style sheets once more.
        preload: false,
        ...rules === "colours" && { runOnly: [...colours] },
        ...rules === "others" && {
          rules: Object.fromEntries(colours.map((rule) => [rule, { enabled: false }])),
        },
      });
      return violations.map(({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join("\n")}`
      );
    }, [rules, COLOUR_RULES] as const);
    assert.deepEqual(found, [], page.url());
  }

  /** Asserts that nothing was noted: no error, no violation of the Content-Security-Policy, no request elsewhere. */
  assertClean(): void {
    assert.deepEqual(this.#complaints, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }

  #note(complaint: string): void {
    this.#complaints.push(complaint);
  }
}

/** Runs on the page. @returns the element that has the focus if nobody sees that it does. */
function hiddenFocus(): string | undefined {
  const element = document.activeElement;
  if (!element || element === document.body) return undefined;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { top, bottom, left, right } = element.getBoundingClientRect();
  const isInSight = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
  const isMarked = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  return isInSight && isMarked ? undefined : element.outerHTML;
}
