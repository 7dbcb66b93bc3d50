/**
 * A page in development loads itself anew when another build answers, under a strict content security policy.
 */
import assert from "node:assert/strict";
import { launchChromium, requireChromium, Tab } from "../../test/browser/chromium.ts";
import { type AppHandler, applySnapshot } from "./app.ts";
import { Builder } from "./dev.ts";
import { loadSnapshot } from "./internal.ts";
import { App, staticFiles } from "./mod.ts";

const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'";

/** Builds a page with this text, each time in a new folder: modules are loaded once. */
async function handlerOfBuild(text: string): Promise<AppHandler> {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/routes`);
    await Deno.writeTextFile(
      `${root}/routes/index.tsx`,
      `export default () => <html lang="en"><body>${text}</body></html>;`,
    );
    await new Builder({ root }).build({ mode: "development" });
    const app = new App({ basePath: "/mail" }).use(staticFiles()).fsRoutes();
    applySnapshot(app, await loadSnapshot(() => import(`file://${root}/_fresh/snapshot.ts`)));
    return app.handler();
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test({
  name: "a page in development loads itself anew when another build answers",
  ...requireChromium(),
  async fn() {
    let handle = await handlerOfBuild("former");
    const looks = Promise.withResolvers<void>();
    await using server = Deno.serve({ port: 0, onListen: () => {} }, async (request) => {
      const response = await handle(request);
      response.headers.set("content-security-policy", POLICY);
      if (request.url.endsWith("/_fresh/build")) looks.resolve();
      return response;
    });
    const browser = await launchChromium();
    try {
      const site = `http://localhost:${server.addr.port}`;
      await using tab = await Tab.open(browser, site);
      await tab.page.goto("/mail");
      await tab.page.getByText("former").waitFor();
      await looks.promise;
      handle = await handlerOfBuild("latter");
      await tab.page.getByText("latter").waitFor();
      assert.equal(await tab.page.getByText("former").count(), 0);
    } finally {
      await browser.close();
    }
  },
});
