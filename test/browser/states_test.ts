/**
 * Pages in states that seldom come are accessible and clean as well.
 */
import type { Browser } from "playwright-core";
import { launchChromium, requireChromium } from "./chromium.ts";
import { openState, STATES } from "./states.ts";

const options = requireChromium();

let browser: Browser;

Deno.test.beforeAll(async () => {
  if (!options.ignore) browser = await launchChromium();
});
Deno.test.afterAll(async () => {
  if (!options.ignore) await browser.close();
});

for (const state of STATES) {
  Deno.test({
    name: `the page of ${state.title} is accessible and clean`,
    ...options,
    fn: () => openState(browser, state, (tab) => tab.inspect()),
  });
}
