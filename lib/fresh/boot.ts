/**
 * Runs in the browser: wakes the islands of a page.
 *
 * @module
 */
import { type ComponentType, h, hydrate } from "preact";
import { ISLAND_DATA_ID, ISLAND_ELEMENT, type IslandData } from "./island_data.ts";

const islands = JSON.parse(
  document.getElementById(ISLAND_DATA_ID)?.textContent ?? "[]",
) as IslandData[];

for (const element of document.querySelectorAll<HTMLElement>(ISLAND_ELEMENT)) {
  const island = islands[Number(element.dataset.index)];
  if (island) void wake(element, island);
}

async function wake(element: HTMLElement, { script, exportName, props }: IslandData) {
  const module: Record<string, ComponentType<Record<string, unknown>>> = await import(script);
  const component = module[exportName];
  if (component) hydrate(h(component, props), element);
}
