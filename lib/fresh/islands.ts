/**
 * Islands on the server: a component that a build has found in `islands/` is rendered within a marked element, and the
 * page ends with a data block from which the browser wakes it.
 *
 * @module
 */
import { type ComponentChildren, type ComponentType, createContext, h, type VNode } from "preact";
import { useContext } from "preact/hooks";
import { ISLAND_DATA_ID, ISLAND_ELEMENT, type IslandData } from "./island_data.ts";
import { currentRender, type RenderedIsland } from "./render_scope.ts";
import type { BuildSnapshot, IslandEntry } from "./snapshot.ts";

const registry = new WeakMap<object, IslandEntry>();
const InsideIsland = createContext(false);

/** Makes the components known; from now on their elements are marked. */
export function registerIslands(islands: readonly IslandEntry[]): void {
  for (const island of islands) registry.set(island.component, island);
}

interface BoundaryProps {
  readonly island: IslandEntry;
  readonly props: Record<string, unknown>;
}

/** Stands in the tree where the page asked for an island. */
function IslandBoundary({ island, props }: BoundaryProps): ComponentChildren {
  const component = createPlain(island.component, props);
  if (useContext(InsideIsland)) return component;
  const rendered = currentRender()?.islands;
  if (!rendered) throw new Error("an island is rendered outside a page");
  const index = rendered.push({ island, props }) - 1;
  return h(
    InsideIsland.Provider,
    { value: true },
    h(ISLAND_ELEMENT, { "data-index": index }, component),
  );
}

/** Set while an element is made for the island's own component, which must not be replaced again. */
let makingPlain = false;

function createPlain(component: ComponentType<never>, props: Record<string, unknown>): VNode {
  makingPlain = true;
  try {
    return h(component as ComponentType<Record<string, unknown>>, props);
  } finally {
    makingPlain = false;
  }
}

/** Puts the boundary of an island in the place of its component. */
export function replaceIsland(vnode: VNode): void {
  const island = typeof vnode.type === "function" ? registry.get(vnode.type) : undefined;
  if (!island || makingPlain) return;
  const boundary: BoundaryProps = { island, props: { ...vnode.props } };
  Object.assign(vnode, { type: IslandBoundary, props: boundary });
}

/**
 * Returns the scripts of a page: those for every page, and for its islands a data block, which is never executed, and the
 * boot script.
 *
 * @param basePath Prefix of the scripts' addresses.
 */
export function islandScripts(
  islands: readonly RenderedIsland[],
  { bootScript, everyPage }: BuildSnapshot,
  basePath: string,
): string {
  const scripts = everyPage.map((path) => scriptElement(basePath + path)).join("");
  if (islands.length === 0) return scripts;
  const data = islands.map(({ island, props }): IslandData => ({
    script: basePath + island.script,
    exportName: island.exportName,
    props: plainData(props, island.exportName),
  }));
  const preloads = [...new Set(data.map(({ script }) => script))]
    .map((script) => `<link rel="modulepreload" href="${escapeAttribute(script)}">`);
  return scripts + preloads.join("") +
    `<script type="application/json" id="${ISLAND_DATA_ID}">${escapeJson(data)}</script>` +
    scriptElement(basePath + bootScript);
}

function scriptElement(address: string): string {
  return `<script type="module" src="${escapeAttribute(address)}"></script>`;
}

/** No `<` remains: neither `</script>` nor `<!--` can end or confuse the block. */
function escapeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

function escapeAttribute(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

/** @throws {TypeError} unless the props survive the way through JSON. */
function plainData(props: Record<string, unknown>, name: string): Record<string, unknown> {
  for (const [key, value] of Object.entries(props)) {
    if (!isPlainMember(value)) {
      throw new TypeError(`island ${name}: property "${key}" is no plain data`);
    }
  }
  return props;
}

/** A member that is undefined is left out, which makes no difference to its reader. */
function isPlainMember(value: unknown): boolean {
  return value === undefined || isPlain(value);
}

function isPlain(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value !== "object") return typeof value === "string" || typeof value === "boolean";
  return Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every(isPlainMember);
}
