/**
 * Pages in states that seldom come are accessible and clean as well.
 */
import type { Browser } from "playwright-core";
import { launchChromium, requireChromium } from "./chromium.ts";
import { Stage, STATES } from "./states.ts";

const options = requireChromium();

let browser: Browser;
let stage: Stage;

Deno.test.beforeAll(async () => {
  if (options.ignore) return;
  browser = await launchChromium();
  stage = await Stage.open(browser);
});
Deno.test.afterAll(async () => {
  if (options.ignore) return;
  await stage[Symbol.asyncDispose]();
  await browser.close();
});

for (const state of STATES) {
  Deno.test({
    name: `the page of ${state.title} is accessible and clean`,
    ...options,
    async fn() {
      const tab = await stage.show(state);
      await tab.inspect();
    },
  });
}
