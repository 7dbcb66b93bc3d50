import { h, options, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import type { AsyncComponent, Context, PageProps, RouteComponent } from "./context.ts";
import { islandScripts, replaceIsland } from "./islands.ts";
import { currentRender, type RenderScope, withinRender } from "./render_scope.ts";

const previousHook = options.vnode;
options.vnode = (vnode) => {
  replaceIsland(vnode);
  markActiveLink(vnode);
  previousHook?.(vnode);
};

/** Attributes whose values "true" and "false" are words (HTML section 2.3.3, WAI-ARIA section 6.2). */
const WORD_ATTRIBUTE = /^(aria-|data-|(draggable|spellcheck)$)/;

/** Precompiled templates would leave them out or empty, unlike elements. @throws {TypeError} for a boolean value. */
const previousAttributeHook = options.attr;
options.attr = (name, value) => {
  if (typeof value === "boolean" && WORD_ATTRIBUTE.test(name)) {
    throw new TypeError(`${name}={${value}}: its value is a word, so write "${value}"`);
  }
  return previousAttributeHook?.(name, value);
};

/** Renders a page within its layouts and the app wrapper, with the scripts of its islands. */
export async function renderPage<State>(
  ctx: Context<State>,
  component: RouteComponent<State>,
  data: unknown,
  init: ResponseInit,
): Promise<Response> {
  const { app, layouts } = ctx.frame;
  let view = await createView(ctx, component, data, null);
  for (const frame of [...app ? [app] : [], ...layouts].reverse()) {
    if (view instanceof Response) return view;
    view = await createView(ctx, frame, null, view);
  }
  if (view instanceof Response) return view;
  const headers = new Headers(init.headers);
  headers.set("content-type", "text/html; charset=utf-8");
  return new Response(documentOf(ctx, view), { ...init, headers });
}

async function createView<State>(
  { url, params, state, error }: Context<State>,
  component: RouteComponent<State>,
  data: unknown,
  child: VNode | null,
): Promise<VNode | Response | null> {
  const props: PageProps<unknown, State> = {
    ...{ url, params, state, error, data },
    Component: () => child,
  };
  return isAsync(component) ? await component(props) : h(component, props) as VNode;
}

const AsyncFunction = (async () => {}).constructor;

function isAsync<State>(
  component: RouteComponent<State>,
): component is AsyncComponent<PageProps<unknown, State>> {
  return component instanceof AsyncFunction;
}

function documentOf<State>(ctx: Context<State>, view: VNode | null): string {
  const { snapshot, url, config: { basePath } } = ctx;
  const scope: RenderScope = { snapshot, url, islands: [] };
  const html = withinRender(scope, () => renderToString(view ?? h("body", null)));
  const scripts = snapshot ? islandScripts(scope.islands, snapshot, basePath) : "";
  const end = html.lastIndexOf("</body>");
  const body = end < 0 ? html + scripts : html.slice(0, end) + scripts + html.slice(end);
  return `<!DOCTYPE html>${body}`;
}

/** Not `//host`. */
const OWN_PATH = /^\/(?!\/)/;

/**
 * Tells assistive technology and style sheets which links lead here, as Fresh does: `aria-current` is `page` on a link to
 * the page itself, and `true` on one to a page above it or to the same page with another query. A link with an
 * `aria-current` of its own is left alone.
 */
function markActiveLink({ type, props }: VNode): void {
  if (type !== "a") return;
  const scope = currentRender();
  const link = props as Record<string, unknown>;
  if (!scope || "aria-current" in link) return;
  if (typeof link.href !== "string" || !OWN_PATH.test(link.href)) return;
  const here = withoutSlash(scope.url.pathname);
  const { pathname, search } = new URL(link.href, scope.url);
  const target = withoutSlash(pathname);
  if (target === here && (search === "" || search === scope.url.search)) {
    Object.assign(link, { "data-current": "true", "aria-current": "page" });
  } else if (`${here}/`.startsWith(`${target}/`)) {
    Object.assign(link, { "data-ancestor": "true", "aria-current": "true" });
  }
}

/** `/` becomes empty, so that it is above everything. */
function withoutSlash(pathname: string): string {
  return pathname.replace(/\/$/, "");
}
