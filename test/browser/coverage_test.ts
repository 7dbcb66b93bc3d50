/**
 * Every page of the product is among those that the tests of this folder open and inspect.
 */
import assert from "node:assert/strict";
import { ACTED_PAGES, OTHER_GUIDES, PRIVATE_PAGES, PUBLIC_PAGES } from "./pages.ts";
import { STATES } from "./states.ts";

const ROUTES = new URL("../../routes/", import.meta.url);

/** Returns the patterns of all files that show a page. */
async function* pageRoutes(folder = ROUTES, path = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (/^[_(]/.test(name)) continue;
    if (isDirectory) yield* pageRoutes(new URL(`${name}/`, folder), `${path}/${name}`);
    else if (name.endsWith(".tsx")) {
      const route = `${path}/${name.slice(0, -4)}`.replace(/\/index$/, "");
      yield route.replace(/\[(\w+)\]/g, ":$1") || "/";
    }
  }
}

Deno.test("every page is opened and inspected by a test", async () => {
  const places = [PUBLIC_PAGES, PRIVATE_PAGES, OTHER_GUIDES, ACTED_PAGES, STATES].flat();
  const landings = places.map(({ path, lands }) => lands ?? path.replace(/\?.*/, ""));
  const missing: string[] = [];
  let count = 0;
  for await (const route of pageRoutes()) {
    count++;
    const pattern = new URLPattern({ pathname: route });
    const isOpened = landings.some((path) =>
      path === route || !path.includes(":") && pattern.test({ pathname: path })
    );
    if (!isOpened) missing.push(route);
  }
  assert.deepEqual(missing, []);
  assert.ok(count > 30);
});
